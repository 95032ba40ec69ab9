/** An attachment: what appears because of what the person did gets the focus, so that it is found and heard. */
export function focused(node: HTMLElement): void {
  // A dialog that is about to open chooses by this attribute, and nothing in it can have the focus before.
  if (node.closest('dialog:not([open])') !== null) node.setAttribute('autofocus', '');
  else node.focus();
}
