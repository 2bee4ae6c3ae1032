/* Chart read-out by pointer and arrow keys; the figures come from the table beside the picture. */
const NS = "http://www.w3.org/2000/svg";

class Reader {
  constructor(figure) {
    this.figure = figure;
    this.svg = figure.querySelector("svg.chart");
    this.rows = [...figure.querySelectorAll("[data-points] tbody tr")].map((row) => [...row.cells].map((cell) => cell.textContent));
    this.last = this.rows.length - 1;
    this.at = this.last;
    this.svg.setAttribute("tabindex", "0");
    this.svg.addEventListener("pointermove", (event) => {
      const box = this.svg.getBoundingClientRect();
      this.show(Math.round(((event.clientX - box.left) / box.width) * this.last));
    });
    for (const leave of ["pointerleave", "blur"]) this.svg.addEventListener(leave, () => this.hide());
    this.svg.addEventListener("focus", () => this.show(this.at));
    this.svg.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1, Home: -this.last, End: this.last }[event.key];
      if (step) { event.preventDefault(); this.show(this.at + step); }
    });
  }

  show(index) {
    this.at = Math.max(0, Math.min(this.last, index));
    const x = (this.at * 1000) / (this.last || 1);
    this.line ??= this.svg.appendChild(document.createElementNS(NS, "line"));
    this.line.setAttribute("class", "cross");
    for (const [name, value] of Object.entries({ x1: x, x2: x, y1: 0, y2: 100 })) this.line.setAttribute(name, value);
    this.tip ??= this.figure.appendChild(Object.assign(document.createElement("div"), { className: "tip" }));
    this.tip.setAttribute("role", "status");
    const [label, value] = this.rows[this.at];
    this.tip.replaceChildren(label, Object.assign(document.createElement("b"), { textContent: value }));
    this.place(x);
  }

  place(x) {
    const box = this.svg.getBoundingClientRect();
    const frame = this.figure.getBoundingClientRect();
    const left = (x / 1000) * box.width + box.left - frame.left;
    this.tip.style.left = `${left > frame.width - 130 ? left - this.tip.offsetWidth - 12 : left + 12}px`;
    this.tip.style.top = `${box.top - frame.top + 8}px`;
  }

  hide() {
    this.line?.remove();
    this.tip?.remove();
    this.line = this.tip = undefined;
  }
}

export function start() {
  for (const figure of document.querySelectorAll("[data-chart]")) new Reader(figure);
}
