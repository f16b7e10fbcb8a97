/** Architectures of models that make vectors of texts and are no text generators, all of which vLLM and the embeddings server run (docs/facts.md 16.15). */
const embedding: readonly unknown[] = [
  ...["BertModel", "RobertaModel", "XLMRobertaModel", "ModernBertModel", "NomicBertModel"],
];

/** Whether a `config.json` with these `architectures` is that of a model that makes vectors of texts. */
export function makesEmbeddings(architectures: unknown): boolean {
  return Array.isArray(architectures) && architectures.some((one) => embedding.includes(one));
}
