/* Theme and density change at once and are saved by the same form that works without scripts. */
const root = document.documentElement;

const isDark = () => root.dataset.theme === "dark"
  || (root.dataset.theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);

export function startTheme() {
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
