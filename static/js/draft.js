/* Unsaved input is kept on this device, offered again next time, and guarded on leaving. */
const WAIT = 1000;
const SKIP = new Set(["csrfmiddlewaretoken", "password", "password1", "password2"]);

class Draft {
  constructor(form, { toast, word }) {
    this.toast = toast;
    this.word = word;
    this.form = form;
    this.key = `draft:${form.dataset.draft}`;
    this.dirty = false;
    this.offer();
    form.addEventListener("input", () => this.changed());
    form.addEventListener("submit", () => { this.dirty = false; });
    addEventListener("beforeunload", (event) => { if (this.dirty) event.preventDefault(); });
  }

  values() {
    return [...new FormData(this.form)].filter(([name, value]) => !SKIP.has(name) && typeof value === "string");
  }

  changed() {
    this.dirty = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.keep(), WAIT);
  }

  keep() {
    try { localStorage.setItem(this.key, JSON.stringify(this.values())); } catch { return; }
    const note = document.querySelector("[data-draft-note]");
    const time = new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    if (note) note.textContent = `${this.word("draft")} ${time}`;
  }

  offer() {
    const kept = localStorage.getItem(this.key);
    if (!kept || kept === JSON.stringify(this.values())) return;
    if (this.form.querySelector('[aria-invalid="true"]')) return;
    const item = document.createElement("button");
    item.type = "button";
    item.className = "btn btn-sm";
    item.textContent = this.word("use");
    const line = Object.assign(document.createElement("div"), { className: "banner" });
    line.append(Object.assign(document.createElement("div"), { className: "grow", textContent: this.word("restore") }), item);
    this.form.before(line);
    item.addEventListener("click", () => { this.restore(JSON.parse(kept)); line.remove(); });
  }

  restore(values) {
    for (const [name, value] of values) {
      const field = this.form.elements.namedItem(name);
      if (field && "value" in field) field.value = value;
    }
    this.dirty = true;
    this.toast(this.word("draft"));
  }
}

export function start(tools) {
  for (const form of document.querySelectorAll("form[data-draft]")) new Draft(form, tools);
  const saved = document.querySelector("[data-draft-saved]");
  if (saved) localStorage.removeItem(`draft:${saved.dataset.draftSaved}`);
}
