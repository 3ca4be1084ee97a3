// A copy of one of the frame page's templates.
export function clone(id) {
  return document.getElementById(id).content.firstElementChild.cloneNode(true);
}
