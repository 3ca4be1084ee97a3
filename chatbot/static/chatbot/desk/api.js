// The inbox over HTTP. Every answer is { body } or { error }, where error.code is known to notices.

import { csrf, slug } from "./config.js";

const PLACE = `/desk/${slug}/`;

export function get(path, params = {}) {
  const query = new URLSearchParams(Object.entries(params).filter(([, value]) => value));
  return ask(`${PLACE}${path}?${query}`, {});
}

export function post(path, fields) {
  const body = new URLSearchParams(Object.entries(fields).filter(([, value]) => value));
  return ask(PLACE + path, { method: "POST", body, headers: { "X-CSRFToken": csrf } });
}

async function ask(address, options) {
  let answer;
  try {
    answer = await fetch(address, { credentials: "same-origin", redirect: "manual", ...options });
  } catch {
    return { error: { code: "lost" } };
  }
  try {
    const body = await answer.json();
    return answer.ok ? { body } : { error: body };
  } catch {
    return { error: { code: "trouble" } };
  }
}

/** One action on these conversations: { results } or { error }. */
export async function act(ids, action, more = {}) {
  const { body, error } = await post("act/", { ids: ids.join(","), action, ...more });
  return error ? { error } : { results: body.results };
}
