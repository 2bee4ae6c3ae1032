/* Live facts: one connection per browser. The tab that holds the lock listens and passes events on. */
import { toast, word } from "./x-toast.js";

const KINDS = ["job", "count", "row", "message"];
const PAUSE = 10000;

class XLive extends HTMLElement {
  connectedCallback() {
    this.bus = new BroadcastChannel("portal-live");
    this.bus.onmessage = (event) => this.receive(event.data);
    this.away = new AbortController();
    this.listenTo();
    addEventListener("pagehide", () => this.away.abort());
    addEventListener("pageshow", (event) => {
      if (event.persisted) { this.away = new AbortController(); this.listenTo(); }
    });
    this.addEventListener("click", (event) => {
      if (event.target.closest("[data-tray-close]")) this.tray.hidden = true;
    });
  }

  get tray() { return this.querySelector("[data-tray]"); }

  listenTo() {
    if (!navigator.locks || !window.EventSource) { this.poll(); return; }
    navigator.locks.request("portal-live", { signal: this.away.signal }, () => this.stream()).catch(() => {});
  }

  stream() {
    return new Promise((done) => {
      const source = new EventSource(this.dataset.src);
      const stop = () => { source.close(); done(); };
      for (const kind of KINDS) {
        source.addEventListener(kind, (event) => this.pass({ type: kind, data: JSON.parse(event.data) }));
      }
      source.onerror = () => {
        if (source.readyState !== EventSource.CLOSED) return;
        stop();
        this.poll();
      };
      this.away.signal.addEventListener("abort", stop, { once: true });
    });
  }

  async poll(since = "") {
    if (this.away.signal.aborted) return;
    let next = since;
    if (!document.hidden) {
      try {
        const answer = await fetch(`${this.dataset.poll}?since=${encodeURIComponent(since)}`, { signal: this.away.signal });
        if (answer.status === 404 || answer.status === 403) return;
        if (answer.ok) {
          const { cursor, events } = await answer.json();
          next = cursor;
          events.forEach((event) => this.receive(event));
        }
      } catch { /* the next round tries again */ }
    }
    setTimeout(() => this.poll(next), PAUSE);
  }

  pass(event) {
    this.bus.postMessage(event);
    this.receive(event);
  }

  receive({ type, data }) {
    if (type === "job") this.job(data);
    if (type === "count") count(data);
    if (type === "message") toast(data.text, { link: data.url && { href: data.url, text: data.link } });
    document.dispatchEvent(new CustomEvent(`live:${type}`, { detail: data }));
  }

  job(data) {
    if (!document.querySelector(`[data-job="${CSS.escape(data.id)}"]`)) {
      const row = this.querySelector("[data-job-template]").content.cloneNode(true);
      row.querySelector("[data-job]").dataset.job = data.id;
      row.querySelector("b").textContent = data.title;
      this.querySelector("[data-jobs]").append(row);
    }
    if (this.tray.hidden && !data.finished) this.tray.hidden = false;
    for (const row of document.querySelectorAll(`[data-job="${CSS.escape(data.id)}"]`)) fill(row, data);
    if (data.finished) toast(`${word("done")}: ${data.title}`, { link: data.url && { href: data.url, text: "→" } });
  }
}

function fill(row, data) {
  const bar = row.querySelector("[data-job-bar]");
  if (bar && data.total) { bar.max = data.total; bar.value = data.done; bar.setAttribute("aria-label", data.title); }
  const set = (name, value) => {
    const part = row.querySelector(`[data-job-${name}]`);
    if (part) part.textContent = value;
  };
  set("done", data.done);
  set("total", data.total ?? "…");
  set("failed-count", data.failed ?? 0);
  const failed = row.querySelector("[data-job-failed]");
  if (failed) failed.hidden = !data.failed;
}

function count({ key, n, hot }) {
  for (const dot of document.querySelectorAll(`[data-count-key="${CSS.escape(key)}"]`)) {
    dot.hidden = !n;
    dot.classList.toggle("n-hot", Boolean(hot));
    dot.querySelector("[data-n]").textContent = n > 999 ? "999+" : n;
  }
  if (key === "unread") document.querySelectorAll("[data-unread]").forEach((dot) => { dot.hidden = !n; });
}
customElements.define("x-live", XLive);
