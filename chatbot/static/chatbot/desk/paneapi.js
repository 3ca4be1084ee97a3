// Requests beside the socket: pieces of a page and a little JSON, under the desk's own address.

import { slug } from "./config.js";

const base = `/desk/${slug}/`;

export function deskPath(rest) {
  return base + rest;
}

/** Resolves to { status, body }; status 0 where nothing came back. Never rejects. */
export async function ask(rest, options = {}) {
  try {
    const answer = await fetch(base + rest, { redirect: "manual", ...options });
    const isJson = answer.headers.get("Content-Type")?.startsWith("application/json");
    return { status: answer.status, body: isJson ? await answer.json() : null };
  } catch {
    return { status: 0, body: null };
  }
}

export function post(rest, fields = {}) {
  return ask(rest, { method: "POST", headers: token(), body: new URLSearchParams(fields) });
}

export function postJson(rest, value) {
  const headers = { ...token(), "Content-Type": "application/json" };
  return ask(rest, { method: "POST", headers, body: JSON.stringify(value), keepalive: true });
}

function token() {
  return { "X-CSRFToken": document.querySelector("[name=csrfmiddlewaretoken]").value };
}
