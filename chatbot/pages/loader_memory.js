// What this browser remembers for the site: whether the chat is open, while the visitor goes from
// page to page, and the visitor's token. Browsers keep foreign frames from storage; the page's own
// is there, so the frame gets its token from here. Blocked storage forgets and breaks nothing.
const memory = {
  read(where, name) {
    try {
      return window[where].getItem(`firstline:${name}:${key}`) || "";
    } catch {
      return "";
    }
  },
  write(where, name, value) {
    try {
      if (value) window[where].setItem(`firstline:${name}:${key}`, value);
      else window[where].removeItem(`firstline:${name}:${key}`);
    } catch {
      // Nothing is kept, then.
    }
  },
  get open() {
    return this.read("sessionStorage", "open") === "1";
  },
  set open(open) {
    this.write("sessionStorage", "open", open ? "1" : "");
  },
  get token() {
    return this.read("localStorage", "visitor");
  },
  set token(token) {
    this.write("localStorage", "visitor", token);
  },
};
