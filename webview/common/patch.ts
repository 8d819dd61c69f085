/**
 * Makes the target's children like the wanted ones, which it takes, but leaves alone every node that
 * is like its successor already: what is selected stays selected, and only what differs is laid out.
 */
export function patchChildren(target: Node, wanted: Node): void {
  let old = target.firstChild;
  for (let next = wanted.firstChild; next; next = wanted.firstChild) {
    next.remove();
    const following = old?.nextSibling ?? null;
    if (old) patch(old, next);
    else target.appendChild(next);
    old = following;
  }
  while (old) {
    const following = old.nextSibling;
    old.remove();
    old = following;
  }
}

function patch(old: ChildNode, next: ChildNode): void {
  if (old.isEqualNode(next)) return;
  if (old instanceof Text && next instanceof Text) growText(old, next.data);
  else if (isAlikeButForChildren(old, next)) patchChildren(old, next);
  else old.replaceWith(next);
}

function growText(text: Text, data: string): void {
  if (data.startsWith(text.data)) text.appendData(data.slice(text.length));
  else text.data = data;
}

function isAlikeButForChildren(a: ChildNode, b: ChildNode): boolean {
  return a instanceof Element && b instanceof Element && a.cloneNode().isEqualNode(b.cloneNode());
}
