// The custom properties of the page that also count inside the frame, as they stand now. The frame
// checks each; a page cannot send it anything but a look.
const THEME = ["accent", "on-accent", "paper", "ink", "radius", "font", "scheme"];

function themeOf(element) {
  const style = getComputedStyle(element);
  const theme = { direction: style.direction };
  for (const name of THEME) {
    const value = style.getPropertyValue(`--firstline-${name}`).trim();
    if (value) theme[name] = value;
  }
  return theme;
}
