/** Something of the library that is about to be moved into another folder. */
export interface Moving {
  readonly kind: 'item' | 'folder';
  readonly id: string;
  readonly title: string;
}
