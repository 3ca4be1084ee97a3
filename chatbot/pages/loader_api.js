// window.Firstline, the one name that the page gets. Calls that the page made before this script
// was there wait in an array of that name, each as [name, ...arguments].
const EVENTS = ["message", "open", "close", "unread"];
const MOST_CONTEXT_BYTES = 2048;
const listeners = new Map(EVENTS.map((name) => [name, new Set()]));
const page = {}; // what the page said, for the frame once it is there

function emit(name, detail) {
  for (const listener of [...listeners.get(name)]) attempt(() => listener(detail));
}

// The page's mistakes are the page's: they are reported there and stop nothing here.
function attempt(work) {
  try {
    work();
  } catch (error) {
    reportError(error);
  }
}

function flat(values) {
  const context = {};
  for (const [name, value] of Object.entries(values ?? {})) {
    if (value === null || value === undefined) continue;
    if (typeof value === "object" || typeof value === "function") {
      throw new TypeError(`Firstline.setContext: ${name} must be a string, a number or a boolean`);
    }
    context[name] = String(value);
  }
  if (new TextEncoder().encode(JSON.stringify(context)).length > MOST_CONTEXT_BYTES) {
    throw new RangeError(`Firstline.setContext: at most ${MOST_CONTEXT_BYTES} bytes`);
  }
  return context;
}

function makeApi(chat) {
  const api = {
    open: () => chat.show(true),
    close: () => chat.show(false),
    identify(token) {
      if (typeof token !== "string" && token !== null) {
        throw new TypeError("Firstline.identify: a token is a string, or null");
      }
      page.identity = token;
      chat.tell("firstline.identify", { identity: token });
    },
    setContext(values) {
      page.context = flat(values);
      chat.tell("firstline.context", { context: page.context });
    },
    on(name, listener) {
      if (!listeners.has(name)) throw new TypeError(`Firstline.on: one of ${EVENTS.join(", ")}`);
      listeners.get(name).add(listener);
      return () => listeners.get(name).delete(listener);
    },
    push(...calls) {
      for (const [name, ...given] of calls) {
        attempt(() => {
          if (!Object.hasOwn(api, name)) throw new TypeError(`Firstline.${name} does not exist`);
          api[name](...given);
        });
      }
    },
  };
  return Object.freeze(api);
}
