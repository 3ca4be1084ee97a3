// The look that the page around asks for: a colour where a colour belongs, and nothing that loads.

const LOOK = {
  accent: ["--brand", "color"],
  "on-accent": ["--on-brand", "color"],
  paper: ["--paper", "color"],
  ink: ["--ink", "color"],
  radius: ["--radius", "border-radius"],
  font: ["--font", "font-family"],
  scheme: ["color-scheme", "color-scheme"],
};
const NOT_PLAIN = /url\(|image|var\(|env\(|attr\(|[;{}<>\\]/i;
const MOST = 200;

export function applyTheme(theme) {
  const root = document.documentElement;
  for (const [name, [property, kind]] of Object.entries(LOOK)) {
    const value = theme?.[name];
    if (typeof value !== "string" || value.length > MOST || NOT_PLAIN.test(value)) continue;
    if (CSS.supports(kind, value)) root.style.setProperty(property, value);
  }
  if (theme?.direction === "rtl") root.dir = "rtl";
}
