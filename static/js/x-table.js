/* A list with ticks: ranges, whole page, whole view, row keys, a bulk bar that never hides the header. */
class XTable extends HTMLElement {
  connectedCallback() {
    this.at = -1;
    this.last = null;
    this.addEventListener("change", (event) => {
      if (event.target.matches("[data-head]")) for (const box of this.boxes) box.checked = event.target.checked;
      if (event.target.matches("[data-head], tbody .ck")) this.sync();
    });
    this.addEventListener("click", (event) => this.clicked(event));
    this.sync();
  }

  get boxes() { return [...this.querySelectorAll("tbody input.ck[name]")]; }
  get rows() { return [...this.querySelectorAll("tbody tr")]; }
  get flag() { return this.querySelector("[data-all-flag]"); }

  clicked(event) {
    const box = event.target.closest("tbody input.ck[name]");
    if (box) { this.range(box, event.shiftKey); return; }
    const all = event.target.closest("[data-all]");
    if (all) {
      for (const item of this.boxes) item.checked = true;
      this.flag.value = "1";
      this.sync(Number(all.dataset.all), "more" in all.dataset);
    }
    if (event.target.closest("[data-clear]")) {
      this.clear();
      this.querySelector("[data-head]")?.focus();
    }
  }

  range(box, extend) {
    if (extend && this.last) {
      const boxes = this.boxes;
      const [from, to] = [boxes.indexOf(this.last), boxes.indexOf(box)].sort((a, b) => a - b);
      for (const item of boxes.slice(from, to + 1)) item.checked = box.checked;
      this.sync();
    }
    this.last = box;
  }

  sync(count, isMore = false) {
    const boxes = this.boxes;
    const ticked = boxes.filter((box) => box.checked).length;
    const head = this.querySelector("[data-head]");
    if (head) {
      head.checked = ticked > 0 && ticked === boxes.length;
      head.indeterminate = ticked > 0 && !head.checked;
    }
    if (this.flag && count === undefined) this.flag.value = "";
    this.toggleAttribute("data-selected", ticked > 0);
    const shown = this.querySelector("[data-count]");
    const number = (isMore ? 1000 : count ?? ticked).toLocaleString(document.documentElement.lang);
    if (shown) shown.textContent = isMore ? `${number}+` : number;
    this.tellWorth(boxes.filter((box) => box.checked), count !== undefined);
    const all = this.querySelector("[data-all]");
    if (all) all.hidden = count !== undefined || ticked < boxes.length;
  }

  tellWorth(ticked, whole) {
    const worth = this.querySelector("[data-worth]");
    if (!worth) return;
    const sum = ticked.reduce((total, box) => total + Number(box.dataset.worthMinor ?? NaN), 0);
    worth.parentElement.hidden = whole || Number.isNaN(sum);
    const digits = Number(worth.dataset.digits);
    const number = (sum / 10 ** digits).toLocaleString(document.documentElement.lang, { minimumFractionDigits: digits });
    worth.textContent = worth.dataset.symbol + number;
  }

  clear() {
    for (const box of this.boxes) box.checked = false;
    this.sync();
  }

  move(step) {
    const rows = this.rows;
    rows[this.at]?.classList.remove("at");
    this.at = Math.max(0, Math.min(rows.length - 1, this.at + step));
    const row = rows[this.at];
    if (!row) return;
    row.classList.add("at");
    row.querySelector("a")?.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }

  toggle(extend) {
    const box = this.rows[this.at]?.querySelector("input.ck[name]");
    box?.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, shiftKey: extend }));
  }

  open() { this.rows[this.at]?.querySelector("a")?.click(); }
  edit() { this.rows[this.at]?.querySelector("[data-edit]")?.focus(); }
}
customElements.define("x-table", XTable);
