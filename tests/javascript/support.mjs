// What modules of the pages find in a browser, imitated as far as they need it here.

const assets = new URL("../../crates/pages/assets/", import.meta.url);

/** A module of the pages by its path, without its ending. */
export const load = (path) => import(new URL(`${path}.js`, assets));
export const candidate = (name) => load(`candidate/${name}`);
export const editor = (name) => load(`staff/editor/${name}`);

/** Lets `localStorage` keep texts of five million letters at most; gives what it keeps. */
export function localStorageStub() {
  const items = new Map();
  const methods = {
    getItem: (key) => items.get(key) ?? null,
    setItem(key, value) {
      if (value.length > 5_000_000) throw Object.assign(new Error("full"), { name: "QuotaExceededError" });
      items.set(key, value);
    },
    removeItem: (key) => items.delete(key),
  };
  globalThis.localStorage = new Proxy(
    {},
    {
      get: (_, name) => methods[name],
      ownKeys: () => [...items.keys()],
      getOwnPropertyDescriptor: (_, key) => (items.has(key) ? { enumerable: true, configurable: true } : undefined),
    },
  );
  return items;
}

/**
 * Lets `XMLHttpRequest` answer what `answer({ url, body })` gives: `{ status, body, retryAfter }`, or a promise of it.
 * Gives the requests that were sent.
 */
export function requestStub(answer) {
  const requests = [];
  globalThis.XMLHttpRequest = class {
    upload = {};
    headers = {};
    status = 0;
    response = null;

    open(method, url) {
      Object.assign(this, { method, url });
    }

    setRequestHeader(name, value) {
      this.headers[name] = value;
    }

    getResponseHeader(name) {
      return name === "Retry-After" ? (this.retryAfter ?? null) : null;
    }

    abort() {
      this.isAborted = true;
      this.onloadend();
    }

    async send(body) {
      requests.push({ url: this.url, body, headers: this.headers, abort: () => this.abort() });
      const { status, body: response = null, retryAfter } = await answer({ url: this.url, body });
      if (this.isAborted) return;
      Object.assign(this, { status, response, retryAfter });
      this.onloadend();
    }
  };
  return requests;
}

/** Lets what was begun go on until nothing is left of it but what waits for time. */
export const settled = () => new Promise((resolve) => setImmediate(resolve));
