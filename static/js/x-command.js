/* The palette: pages at once, then what the server finds. A combobox over a listbox in a dialog. */
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
