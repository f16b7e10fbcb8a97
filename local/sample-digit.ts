/** A handwritten 7 of the data set that the example's model is trained on, eight rows of eight pixels from 0 to 16. */
export const seven = [
  ...[0, 0, 7, 8, 13, 16, 15, 1],
  ...[0, 0, 7, 7, 4, 11, 12, 0],
  ...[0, 0, 0, 0, 8, 13, 1, 0],
  ...[0, 4, 8, 8, 15, 15, 6, 0],
  ...[0, 2, 11, 15, 15, 4, 0, 0],
  ...[0, 0, 0, 16, 5, 0, 0, 0],
  ...[0, 0, 9, 15, 1, 0, 0, 0],
  ...[0, 0, 13, 5, 0, 0, 0, 0],
];
