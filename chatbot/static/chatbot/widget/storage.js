// What the widget remembers in this browser, by widget key. Where the browser forbids that,
// it is remembered for as long as the page is open.

export class Storage {
  constructor(key, backend = browserStorage()) {
    this.prefix = `firstline:${key}:`;
    this.backend = backend;
    this.own = new Map();
  }

  get(name) {
    if (this.own.has(name)) return this.own.get(name);
    try {
      return JSON.parse(this.backend?.getItem(this.prefix + name) ?? "null");
    } catch {
      return null;
    }
  }

  set(name, value) {
    try {
      this.backend.setItem(this.prefix + name, JSON.stringify(value));
      this.own.delete(name);
    } catch {
      this.own.set(name, value);
    }
  }

  // work(value) is called when another window has set it.
  whenOther(name, work) {
    window.addEventListener("storage", ({ key }) => {
      if (key === this.prefix + name) work(this.get(name));
    });
  }

  remove(name) {
    this.own.delete(name);
    try {
      this.backend.removeItem(this.prefix + name);
    } catch {
      // Nothing is stored there, then.
    }
  }
}

function browserStorage() {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}
