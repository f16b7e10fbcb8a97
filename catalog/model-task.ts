/** Architectures of models that make vectors of texts and are no text generators, all of which vLLM and the embeddings server run (docs/facts.md 16.17). */
const embedding: readonly unknown[] = [
  ...["BertModel", "RobertaModel", "XLMRobertaModel", "ModernBertModel", "NomicBertModel"],
];

/** Whether a `config.json` with these `architectures` is that of a model that makes vectors of texts. */
export function makesEmbeddings(architectures: unknown): boolean {
  return Array.isArray(architectures) && architectures.some((one) => embedding.includes(one));
}

/** Positions of the model that no token can have: RoBERTa counts from the one behind its padding (docs/facts.md 16.17). */
export function positionsBefore({
  architectures,
  pad_token_id: padding,
}: Readonly<Record<string, unknown>>): number {
  const isRoberta =
    Array.isArray(architectures) &&
    architectures.some((one) => one === "RobertaModel" || one === "XLMRobertaModel");
  return isRoberta ? (typeof padding === "number" ? padding : 0) + 1 : 0;
}
