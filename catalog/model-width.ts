import type { ConfigReader } from "./config-reader";
import type { ModelShape } from "./model";

/** What room for adapters follows from, by names that vLLM knows; nothing where the file has experts and does not say how many (docs/facts.md 17.20). */
export function widthsOf(reader: ConfigReader): Pick<ModelShape, "hidden" | "experts"> {
  const hidden = countIn(reader, "hidden_size", "n_embd");
  const routed = countIn(
    reader,
    ...["num_experts", "moe_num_experts", "n_routed_experts", "num_local_experts"],
  );
  const ofToken = countIn(
    reader,
    ...["num_experts_per_tok", "num_experts_per_token", "top_k_experts", "moe_topk", "moe_top_k"],
  );
  if (hidden === 0 || (ofToken > 0 && routed === 0)) return {};
  if (routed === 0) return { hidden };
  const shared = Math.max(1, countIn(reader, "n_shared_experts", "num_shared_experts"));
  return { hidden, experts: routed + shared };
}

/** A number that no fit needs; 0 where there is none. */
function countIn(reader: ConfigReader, ...keys: string[]): number {
  const found = reader.value(...keys);
  return typeof found === "number" && found > 0 ? found : 0;
}
