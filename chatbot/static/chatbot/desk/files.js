// Files that go with the agent's next reply: chosen, pasted or dropped; each conversation has its own.

import { slug, t } from "./config.js";
import { byId, el } from "./dom.js";

const MOST = 5;

export class Files {
  #rows = new Map(); // conversation id -> [{ part, node, request }]
  #opened;

  constructor(opened) {
    this.#opened = opened;
    const input = byId("file");
    byId("attach").addEventListener("click", () => input.click());
    input.addEventListener("change", () => {
      this.add(input.files);
      input.value = "";
    });
    byId("text").addEventListener("paste", ({ clipboardData }) => this.add(clipboardData.files));
    byId("composer").addEventListener("dragover", (event) => event.preventDefault());
    byId("composer").addEventListener("drop", (event) => {
      event.preventDefault();
      this.add(event.dataTransfer.files);
    });
    opened.addEventListener("opened", () => this.show());
  }

  #of(id) {
    if (!this.#rows.has(id)) this.#rows.set(id, []);
    return this.#rows.get(id);
  }

  add(files) {
    const { id } = this.#opened;
    for (const file of [...files].slice(0, MOST - this.#of(id).length)) {
      const bar = el("progress", { max: 1, value: 0, "aria-label": t("progress") });
      const remove = el("button", { type: "button", class: "quiet" }, t("remove_file"));
      const said = el("span", { class: "problem", role: "alert" });
      const row = { node: el("li", {}, file.name, " ", bar, remove, said) };
      remove.addEventListener("click", () => this.#remove(id, row));
      this.#of(id).push(row);
      this.#upload(id, row, file, { bar, said });
    }
    this.show();
  }

  #upload(id, row, file, { bar, said }) {
    const request = (row.request = new XMLHttpRequest());
    request.open("POST", `/desk/${slug}/files/${id}/`);
    request.responseType = "json";
    request.setRequestHeader("X-CSRFToken", csrf());
    request.upload.onprogress = ({ loaded, total }) => (bar.value = loaded / total);
    request.onloadend = () => {
      bar.remove();
      if (request.status === 200) row.part = request.response;
      else said.textContent = request.response?.problem ?? t("file_failed");
    };
    const form = new FormData();
    form.append("file", file);
    request.send(form);
  }

  #remove(id, row) {
    row.request.abort();
    if (row.part) {
      const headers = { "X-CSRFToken": csrf() };
      fetch(`/desk/${slug}/files/${id}/${row.part.id}/`, { method: "DELETE", headers });
    }
    this.#rows.set(id, this.#of(id).filter((one) => one !== row));
    this.show();
    byId("text").focus();
  }

  /** Rows that are ready to be sent; sent() lets them go once the server has them. */
  ready(id) {
    return this.#of(id).filter((row) => row.part);
  }

  sent(id, rows) {
    this.#rows.set(id, this.#of(id).filter((row) => !rows.includes(row)));
    this.show();
  }

  show() {
    const rows = this.#of(this.#opened.id);
    byId("files").hidden = !rows.length;
    byId("files").replaceChildren(...rows.map((row) => row.node));
  }
}

function csrf() {
  return document.querySelector("[name=csrfmiddlewaretoken]").value;
}
