/** Where a model of a volume is in its container. */
export const modelFolder = "/model";
