/* Joined by manage.py collect_js; edit the modules beside it. */
const module_keys = (() => {
const $ = (selector, root = document) => root.querySelector(selector);
const typing = "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]";
let lead = "";
let leadTimer;
const goTo = (key) => $(`[data-go-key="${key}"]`)?.click();
const press = (selector) => {
const target = $(selector);
target?.click();
return Boolean(target);
};
function modified(event) {
const key = event.key.toLowerCase();
if (key === "k") { event.preventDefault(); $("x-command")?.open(); }
if (key === "enter" && press("[data-main]:not([aria-disabled])")) event.preventDefault();
if (key === "s" && $("form[data-draft]")) { event.preventDefault(); $("form[data-draft]").requestSubmit(); }
}
function onTable(table, event) {
const moves = {
j: () => table.move(1),
k: () => table.move(-1),
x: () => table.toggle(event.shiftKey),
o: () => table.open(),
e: () => table.edit(),
Escape: () => table.clear(),
};
moves[event.key.length === 1 ? event.key.toLowerCase() : event.key]?.();
}
function single(event) {
const key = event.key;
if (lead === "g") { lead = ""; goTo(key); return; }
if (key === "g") {
lead = "g";
clearTimeout(leadTimer);
leadTimer = setTimeout(() => { lead = ""; }, 900);
return;
}
if (key === "/") {
event.preventDefault();
const box = $("[data-find]");
if (box) box.focus(); else $("x-command")?.open();
}
if (key === "?") $("#shortcuts")?.showModal();
if (key === "[") press('[rel="prev"]');
if (key === "]") press('[rel="next"]');
const table = $("x-table");
if (table?.move) onTable(table, event);
}
function startKeys() {
addEventListener("keydown", (event) => {
if (event.ctrlKey || event.metaKey) { modified(event); return; }
if (event.altKey || !("shortcuts" in document.body.dataset)) return;
if ($("dialog[open]") || event.target.closest?.(typing)) return;
single(event);
});
document.addEventListener("click", (event) => {
if (event.target.closest?.("[data-show-keys]")) $("#shortcuts")?.showModal();
});
}
return { startKeys };
})();
const module_lists = (() => {
const list = () => document.getElementById("list");
function isHere(address) {
const url = new URL(address, location.href);
return url.origin === location.origin && url.pathname === location.pathname && !url.hash;
}
async function swap(source, path, event) {
const old = list();
const menu = (event.submitter ?? source).closest("[popover]")?.id;
const show = source.closest(".pager") ? " show:top" : "";
old.setAttribute("aria-busy", "true");
await htmx.ajax("GET", path, { source, event, target: old, select: "#list", swap: `outerHTML${show}`, push: "true" });
old.removeAttribute("aria-busy");
if (old.isConnected) return;
keepFocus(menu);
document.getElementById("told").textContent = document.title;
}
function keepFocus(menu) {
const now = document.activeElement;
if (now && now !== document.body) return;
const next = (menu && document.querySelector(`[popovertarget="${CSS.escape(menu)}"]`)) || list();
next?.focus({ preventScroll: true });
}
function openWhole(event) {
const { target, request, response } = event.detail.ctx;
if (target?.id !== "list" || (response.raw.ok && !response.raw.redirected)) return;
event.preventDefault();
location.assign(response.raw.redirected ? response.raw.url : request.action);
}
function followAddress() {
for (const field of document.querySelectorAll("form[data-preference] [name=next]")) {
field.value = location.pathname + location.search;
}
}
function startLists() {
document.addEventListener("click", (event) => {
const link = event.target.closest?.("#list a[href]");
if (!link || event.defaultPrevented || event.button || !globalThis.htmx) return;
if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
if (link.target || link.hasAttribute("download") || !isHere(link.href)) return;
event.preventDefault();
swap(link, link.href, event);
});
document.addEventListener("submit", (event) => {
const form = event.target;
if (!form.matches?.("#list form") || form.method !== "get" || !globalThis.htmx) return;
if (event.defaultPrevented || !isHere(form.action)) return;
event.preventDefault();
swap(form, location.pathname, event);
});
document.addEventListener("htmx:before:response", openWhole);
document.addEventListener("htmx:after:swap", followAddress);
}
return { startLists };
})();
const module_theme = (() => {
const root = document.documentElement;
const isDark = () => root.dataset.theme === "dark"
|| (root.dataset.theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
function startTheme() {
for (const button of document.querySelectorAll("[data-theme-switch]")) button.value = isDark() ? "light" : "dark";
document.addEventListener("submit", (event) => {
const button = event.submitter;
const name = button?.name;
if (!event.target.matches("[data-preference]") || (name !== "theme" && name !== "density")) return;
event.preventDefault();
event.stopImmediatePropagation();
const body = new FormData(event.target, button);
root.dataset[name] = button.value;
document.cookie = `${name}=${button.value}; path=/; max-age=31536000; samesite=lax`;
const other = { dark: "light", light: "dark", compact: "comfortable", comfortable: "compact" };
document.querySelectorAll(`button[name="${name}"]`).forEach((item) => { item.value = other[button.value]; });
fetch(event.target.action, { method: "POST", body, headers: { "X-Requested-With": "fetch" } });
}, { capture: true });
}
return { startTheme };
})();
const module_x_command = (() => {
class XCommand extends HTMLElement {
connectedCallback() {
this.dialog = this.querySelector("#palette");
this.input = this.dialog.querySelector("input");
this.list = this.dialog.querySelector('[role="listbox"]');
this.pages = this.list.innerHTML;
this.at = 0;
this.input.addEventListener("input", () => this.typed());
this.input.addEventListener("keydown", (event) => this.keyed(event));
this.list.addEventListener("click", (event) => this.go(event.target.closest('[role="option"]')));
this.dialog.addEventListener("click", (event) => { if (event.target === this.dialog) this.dialog.close(); });
document.addEventListener("click", (event) => {
if (event.target.closest?.("[data-finder]")) this.open();
});
document.addEventListener("input", (event) => {
const finder = event.target.closest?.("[data-finder] input");
if (finder) { const text = finder.value; finder.value = ""; this.open(text); }
});
}
get options() { return [...this.list.querySelectorAll('[role="option"]:not([hidden])')]; }
open(text = "") {
if (!this.dialog.open) this.dialog.showModal();
this.input.value = text;
this.typed();
this.input.focus();
}
typed() {
const query = this.input.value.trim();
if (!query) { this.list.innerHTML = this.pages; this.pick(0); return; }
this.filter(query.toLowerCase());
clearTimeout(this.timer);
this.timer = setTimeout(() => this.ask(query), 120);
}
filter(query) {
for (const option of this.list.querySelectorAll('[role="option"]')) {
option.hidden = !option.textContent.toLowerCase().includes(query);
}
for (const group of this.list.querySelectorAll('[role="group"]')) {
group.hidden = !group.querySelector('[role="option"]:not([hidden])');
}
this.pick(0);
}
async ask(query) {
this.request?.abort();
this.request = new AbortController();
try {
const answer = await fetch(`${this.dataset.src}?q=${encodeURIComponent(query)}`, {
signal: this.request.signal, headers: { "HX-Request": "true" },
});
if (!answer.ok || this.input.value.trim() !== query) return;
this.list.innerHTML = await answer.text();
this.pick(0);
} catch (error) {
if (error.name !== "AbortError") this.list.dataset.offline = "";
}
}
pick(index) {
const options = this.options;
this.at = Math.max(0, Math.min(options.length - 1, index));
for (const option of this.list.querySelectorAll('[aria-selected="true"]')) option.setAttribute("aria-selected", "false");
const chosen = options[this.at];
if (!chosen) { this.input.removeAttribute("aria-activedescendant"); return; }
chosen.setAttribute("aria-selected", "true");
this.input.setAttribute("aria-activedescendant", chosen.id);
chosen.scrollIntoView({ block: "nearest" });
}
keyed(event) {
const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
if (step) { event.preventDefault(); this.pick(this.at + step); }
const chosen = this.options[this.at];
if (event.key === "Enter" && chosen) { event.preventDefault(); this.go(chosen); }
}
go(option) {
if (!option?.dataset.go) return;
this.dialog.close();
location.assign(option.dataset.go);
}
}
customElements.define("x-command", XCommand);
return {  };
})();
const module_x_toast = (() => {
const word = (key) => document.body.dataset[`w${key[0].toUpperCase()}${key.slice(1)}`] ?? "";
class XToast extends HTMLElement {
connectedCallback() {
// Filled after the live region exists, so that screen readers announce it.
const shown = [...this.children];
this.replaceChildren();
setTimeout(() => shown.forEach((item) => this.show(item)), 60);
}
show(item) {
this.append(item);
let timer;
const arm = () => {
timer = setTimeout(() => item.remove(), item.querySelector("button, a") ? 10000 : 6000);
};
for (const stop of ["pointerenter", "focusin"]) item.addEventListener(stop, () => clearTimeout(timer));
for (const go of ["pointerleave", "focusout"]) item.addEventListener(go, arm);
arm();
}
}
customElements.define("x-toast", XToast);
function toast(text, { undo, link, tone } = {}) {
const item = document.createElement("div");
item.className = "toast";
if (tone) item.dataset.tone = tone;
item.append(Object.assign(document.createElement("span"), { textContent: text }));
if (link) item.append(Object.assign(document.createElement("a"), { href: link.href, textContent: link.text }));
if (undo) {
const button = Object.assign(document.createElement("button"), { type: "button", textContent: word("undo") });
button.addEventListener("click", () => { undo(); item.remove(); });
item.append(button);
}
document.querySelector("x-toast")?.show(item);
}
return { word, toast };
})();
const module_x_live = (() => {
const { toast, word } = module_x_toast;
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
return {  };
})();
const module_app = (() => {
const { startKeys } = module_keys;
const { startLists } = module_lists;
const { startTheme } = module_theme;
const { toast, word } = module_x_toast;
startKeys();
startLists();
startTheme();
const rarely = { "x-table": "./x-table.js", "[data-chart]": "./x-read.js", "form[data-draft]": "./draft.js", "[data-passkey]": "./passkey.js" };
const loaders = {
"./x-table.js": () => import("./x-table.js"),
"./x-read.js": () => import("./x-read.js"),
"./draft.js": () => import("./draft.js"),
"./passkey.js": () => import("./passkey.js"),
};
for (const [selector, path] of Object.entries(rarely)) {
if (document.querySelector(selector)) loaders[path]().then((module) => module.start?.({ toast, word }));
}
const focusSummary = (root) => root.querySelector?.("[data-focus]")?.focus();
focusSummary(document);
document.addEventListener("htmx:after:swap", (event) => focusSummary(event.target));
document.addEventListener("htmx:error", () => toast(word("offline"), { tone: "error" }));
document.addEventListener("click", async (event) => {
const copy = event.target.closest?.("[data-copy]");
if (copy) {
await navigator.clipboard.writeText(copy.dataset.copy);
toast(word("copied"));
}
if (event.target.closest?.("[data-print]")) print();
});
document.addEventListener("submit", (event) => {
const form = event.target;
if (form.method === "dialog") return;
if (form.dataset.sent) return event.preventDefault();
if (form.method !== "post") return;
form.dataset.sent = "1";
event.submitter?.setAttribute("aria-busy", "true");
setTimeout(() => settle(form), 8000);
});
function settle(form) {
delete form.dataset.sent;
form.querySelectorAll("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
}
document.addEventListener("htmx:finally:request", (event) => {
const form = event.target.closest?.("form");
if (form) settle(form);
});
addEventListener("pageshow", (event) => {
if (event.persisted) document.querySelectorAll("form[data-sent]").forEach(settle);
});
return {  };
})();
