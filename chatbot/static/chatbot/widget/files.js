// Files that wait to be sent: chosen, pasted or dropped; each with its progress and a way back.

import { clone, setText } from "./dom.js";

export class Files {
  constructor({ config, connection, store, storage, changed }) {
    Object.assign(this, { config, connection, store, storage, changed, rows: [] });
    this.list = document.getElementById("files");
    this.input = document.getElementById("file");
    this.button = document.getElementById("attach");
    this.button.hidden = !config.attachments;
    if (!config.attachments) return;
    this.button.addEventListener("click", () => this.input.click());
    this.input.addEventListener("change", () => {
      this.add(this.input.files);
      this.input.value = "";
    });
    document.addEventListener("paste", ({ clipboardData }) => this.add(clipboardData?.files ?? []));
    document.addEventListener("dragover", (event) => event.preventDefault());
    document.addEventListener("drop", (event) => {
      event.preventDefault();
      this.add(event.dataTransfer?.files ?? []);
    });
  }

  get busy() {
    return this.rows.some((row) => !row.part && !row.problem);
  }

  get ready() {
    return this.rows.filter((row) => row.part);
  }

  add(files) {
    for (const file of [...files].slice(0, this.config.maxFiles - this.rows.length)) {
      const row = { file, node: clone("file-template") };
      row.node.querySelector(".name").textContent = file.name;
      row.node.querySelector("button").addEventListener("click", () => this.remove(row));
      this.rows.push(row);
      this.list.append(row.node);
      this.upload(row);
    }
    this.shown();
  }

  // The first file may begin the session: whoever sends one is a visitor.
  async upload(row) {
    if (row.file.size > this.config.maxFileBytes) return this.refused(row, this.config.texts.file_large);
    this.connection.start();
    await this.connection.whenOnline();
    if (!this.rows.includes(row)) return null;
    const request = (row.request = new XMLHttpRequest());
    request.open("POST", this.address());
    request.setRequestHeader("Authorization", `Visitor ${this.storage.get("token")}`);
    request.responseType = "json";
    const bar = row.node.querySelector("progress");
    request.upload.onprogress = ({ loaded, total }) => (bar.value = loaded / total);
    request.onload = () => {
      if (request.status === 200) this.done(row, request.response);
      else this.refused(row, request.response?.problem ?? this.config.texts.trouble);
    };
    request.onerror = () => this.refused(row, this.config.texts.trouble);
    const form = new FormData();
    form.append("file", row.file);
    request.send(form);
    return null;
  }

  address(id = "") {
    const { key } = this.config;
    return `/widget/v1/files/${key}/${this.store.state.conversationId}/${id ? `${id}/` : ""}`;
  }

  done(row, part) {
    row.part = part;
    row.node.querySelector("progress").remove();
    this.shown();
  }

  refused(row, words) {
    row.problem = words;
    row.node.querySelector("progress").remove();
    row.node.classList.add("problem");
    setText(row.node.querySelector(".said"), words);
    this.shown();
  }

  remove(row) {
    row.request?.abort();
    if (row.part) this.ask(row.part.id, { method: "DELETE" });
    this.drop(row);
    document.getElementById("text").focus();
  }

  drop(row) {
    this.rows = this.rows.filter((one) => one !== row);
    row.node.remove();
    this.shown();
  }

  // What goes with the message; what was refused stays to be read.
  take() {
    const sent = this.ready;
    for (const row of sent) this.drop(row);
    return sent.map((row) => row.part);
  }

  clear() {
    for (const row of [...this.rows]) this.drop(row);
  }

  shown() {
    this.list.hidden = !this.rows.length;
    this.changed();
  }

  ask(id, { method = "GET", query = "" } = {}) {
    const headers = { Authorization: `Visitor ${this.storage.get("token")}` };
    return fetch(this.address(id) + query, { method, headers });
  }
}
