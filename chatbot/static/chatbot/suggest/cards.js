// The suggestions above the field: buttons that open a help page in the chat. Escape puts them away
// until the text changes.

export class Cards {
  // help: where the workspace's help pages are; texts: {label}
  constructor({ field, articles, help, texts }) {
    Object.assign(this, { articles, help });
    this.list = document.createElement("ul");
    this.title = line("p", texts.label);
    Object.assign(this.title, { id: "suggest-title" });
    this.title.setAttribute("role", "status");
    this.node = document.createElement("section");
    Object.assign(this.node, { id: "suggest", hidden: true });
    this.node.setAttribute("aria-labelledby", "suggest-title");
    this.node.append(this.title, this.list);
    const style = document.createElement("link");
    Object.assign(style, { rel: "stylesheet", href: new URL("./suggest.css", import.meta.url).href });
    document.head.append(style);
    field.form.before(this.node);
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.isComposing || this.node.hidden || this.away) return;
      event.stopPropagation(); // it would close the chat
      if (this.node.contains(document.activeElement)) field.focus();
      this.hide();
    }, true);
  }

  // Escape belongs to a page that lies over the conversation.
  get away() {
    return Boolean(this.node.closest("[inert]"));
  }

  show(found) {
    if (this.node.contains(document.activeElement)) return; // who is choosing is not disturbed
    this.list.replaceChildren(...found.map((one) => this.card(one)));
    this.node.hidden = !found.length;
  }

  hide() {
    this.node.hidden = true;
  }

  card({ id, title, lang, heading, text }) {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", lang });
    button.append(line("span", title, "title"), " ", line("span", heading || text, "part"));
    const citation = { article_id: id, title, heading, url: `${this.help}${id}/` };
    button.addEventListener("click", () => this.articles.open(citation));
    const entry = document.createElement("li");
    entry.append(button);
    return entry;
  }
}

function line(kind, words, name = "") {
  const node = document.createElement(kind);
  Object.assign(node, { className: name, textContent: words, dir: "auto" });
  return node;
}
