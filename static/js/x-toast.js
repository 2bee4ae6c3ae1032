/* Messages that stay long enough to read, stop while looked at, and are never the only record. */
export const word = (key) => document.body.dataset[`w${key[0].toUpperCase()}${key.slice(1)}`] ?? "";

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

/* Show a message; `undo` is called by its button, `link` is { href, text }. */
export function toast(text, { undo, link, tone } = {}) {
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
