import type { ModelShape, ModelTask } from "./model";

/** Architectures of models that make vectors of texts and are no text generators, all of which vLLM and the embeddings server run (docs/facts.md 16.17). */
const embedding = [
  "BertModel",
  "RobertaModel",
  "XLMRobertaModel",
  "ModernBertModel",
  "NomicBertModel",
];

/** Families whose sequence classifiers and rerankers the embeddings server runs, on CPUs and GPUs alike (docs/facts.md 16.19). */
const classifying =
  /^(?:Bert|Roberta|XLMRoberta|Camembert|DebertaV2|ModernBert|New)ForSequenceClassification$/;

/** Ends of the names of architectures that write no text, as transformers and vLLM name them (docs/facts.md 16.19). */
const silent =
  /(?:Classification|MaskedLM|QuestionAnswering|MultipleChoice|PreTraining|Prediction|Ranking|Retrieval|Model)$/;

/** Those with such an end that write text all the same. */
const writing = /(?:LMHead|Chat|ChatGLM|Aquila|DashengLM|Ultravox|Omni)Model$/;

/** What the model of a `config.json` is for; undefined where it is for nothing that an engine here serves. */
export function taskOfConfig({
  architectures,
  is_encoder_decoder: isEncoderDecoder,
}: Readonly<Record<string, unknown>>): ModelTask | undefined {
  const names = namesIn(architectures);
  if (names.some((name) => embedding.includes(name))) return "embed";
  if (names.some((name) => classifying.test(name))) return "classify";
  if (isEncoderDecoder === true) return undefined;
  if (names.length === 0 || names.some((name) => !silent.test(name) || writing.test(name))) {
    return "generate";
  }
  return undefined;
}

/** Whether a model writes text, token by token; all others read a text once and keep nothing of it. */
export function writesText({ task = "generate" }: Pick<ModelShape, "task">): boolean {
  return task === "generate";
}

/** Positions of the model that no token can have: RoBERTa counts from the one behind its padding (docs/facts.md 16.17). */
export function positionsBefore({
  architectures,
  pad_token_id: padding,
}: Readonly<Record<string, unknown>>): number {
  const isRoberta = namesIn(architectures).some((name) => /^(?:XLM)?Roberta|^Camembert/.test(name));
  return isRoberta ? (typeof padding === "number" ? padding : 0) + 1 : 0;
}

function namesIn(architectures: unknown): string[] {
  return Array.isArray(architectures) ? architectures.filter((one) => typeof one === "string") : [];
}
