/** Names of options that take no value behind them, by engine; `--no-` before a name of vLLM is one, too (docs/facts.md 17.24). */
export const flags = {
  vllm: withNegatives(`
    --aggregate-engine-logging --allow-credentials --allow-deprecated-quantization
    --async-scheduling --cohere-is-reasoning-model --cudagraph-metrics
    --data-parallel-external-lb --data-parallel-hybrid-lb --data-parallel-multi-port-external-lb
    --dcp-q-replicate --disable-cascade-attn --disable-chunked-mm-input
    --disable-custom-all-reduce --disable-fastapi-docs --disable-hybrid-kv-cache-manager
    --disable-log-stats --disable-nccl-for-dp-synchronization --disable-sliding-window
    --disable-uvicorn-access-log --enable-auto-tool-choice --enable-batch-sharded-sampling
    --enable-chunked-prefill --enable-cumem-allocator --enable-dbo --enable-elastic-ep
    --enable-ep-weight-filter --enable-eplb --enable-expert-parallel --enable-fault-tolerance
    --enable-flash-late-interaction --enable-flashinfer-autotune --enable-force-include-usage
    --enable-layerwise-nvtx-tracing --enable-log-deltas --enable-log-outputs
    --enable-log-requests --enable-logging-iteration-details --enable-lora
    --enable-mamba-cache-stochastic-rounding --enable-mamba-shared-prefix-checkpoint
    --enable-mfu-metrics --enable-mixed-moe-lora-format --enable-mm-embeds
    --enable-moe-shared-loras --enable-nccl-comm-suspend --enable-offline-docs
    --enable-per-request-metrics --enable-prefix-caching --enable-prompt-embeds
    --enable-prompt-tokens-details --enable-request-id-headers --enable-return-routed-experts
    --enable-scale-out --enable-server-load-tracking --enable-sleep-mode --enable-ssl-refresh
    --enable-tokenizer-info-endpoint --enable-tower-connector-lora --enable-trace-replay
    --enforce-eager --exclude-tools-when-tool-choice-none --fail-on-environ-validation
    --fully-sharded-loras --grpc --headless --interleave-mm-strings --jit-monitor-verbose
    --kv-cache-metrics --kv-sharing-fast-prefill --language-model-only --log-error-stack
    --long-prefill-token-threshold-adaptive --mm-device-do-normalize --mm-encoder-only
    --numa-bind --ray-workers-use-nsight --return-sampling-mask --return-tokens-as-token-ids
    --scheduler-reserve-full-isl --skip-mm-profiling --skip-tokenizer-init
    --specialize-active-lora --swa-bounded-replay --tokens-only --trust-remote-code
    --trust-request-chat-template --trust-request-mm-kwargs --use-fp64-gumbel --use-replayssm
    --use-tqdm-on-load -dpm
  `).concat("-h", "--help"),
  sglang: named(`
    --abort-on-priority-when-disabled --allow-auto-truncate
    --checkpoint-engine-wait-weights-before-ready --constrained-json-disable-any-whitespace
    --dcp-replicate-q-proj --debug-cuda-graph --delete-ckpt-after-loading
    --disable-attn-tp-gather --disable-chunked-prefix-cache --disable-cuda-graph-padding
    --disable-custom-all-reduce --disable-decode-cuda-graph --disable-fast-image-processor
    --disable-flashinfer-autotune --disable-flashinfer-cutlass-moe-fp4-allgather
    --disable-hybrid-swa-memory --disable-outlines-disk-cache --disable-overlap-schedule
    --disable-prefill-cuda-graph --disable-priority-preemption --disable-radix-cache
    --disable-shared-experts-fusion --disable-tokenizer-batch-decode
    --disaggregation-decode-enable-offload-kvcache --disaggregation-decode-enable-radix-cache
    --dllm-fdfo --elastic-ep-rejoin --enable-adaptive-dispatch-to-encoder
    --enable-aiter-allreduce-fusion --enable-attn-tp-input-scattered
    --enable-broadcast-mm-inputs-process --enable-cache-report --enable-cp-decode-attn-tp
    --enable-cudagraph-gc --enable-custom-logit-processor --enable-deepseek-v4-fp4-indexer
    --enable-dense-mlp-attn-tp --enable-deterministic-inference --enable-dp-attention
    --enable-dp-attention-local-control-broadcast --enable-dp-lm-head
    --enable-draft-weights-cpu-backup --enable-dsa-cache-layer-split
    --enable-dynamic-batch-tokenizer --enable-dynamic-chunking --enable-elastic-expert-backup
    --enable-eplb --enable-flashinfer-allreduce-fusion --enable-flexkv
    --enable-forward-pass-metrics --enable-fp32-lm-head --enable-fused-moe-sum-all-reduce
    --enable-fused-qk-norm-rope --enable-hierarchical-cache --enable-hisparse --enable-http2
    --enable-int8-mamba-checkpoint --enable-layernorm-sp --enable-layerwise-nvtx-marker
    --enable-linear-replayssm --enable-linear-replayssm-spec --enable-lmcache
    --enable-mamba-cache-stochastic-rounding --enable-memory-saver --enable-metrics
    --enable-metrics-for-all-schedulers --enable-mfu-metrics --enable-mis --enable-mixed-chunk
    --enable-mm-global-cache --enable-mscclpp --enable-multi-layer-eagle --enable-nccl-nvls
    --enable-p2p-check --enable-page-major-kv-layout --enable-pdmux
    --enable-precise-embedding-interpolation --enable-prefill-cp --enable-prefill-delayer
    --enable-prefix-mm-cache --enable-priority-scheduling --enable-profile-cuda-graph
    --enable-request-time-stats-logging --enable-response-store --enable-return-hidden-states
    --enable-return-indexer-topk --enable-return-routed-experts --enable-scattered-sconv
    --enable-session-radix-cache --enable-shared-experts-attn-tp --enable-single-batch-overlap
    --enable-ssl-refresh --enable-streaming-session --enable-strict-thinking --enable-symm-mem
    --enable-tf32-matmul --enable-tokenizer-batch-encode --enable-torch-compile
    --enable-torch-compile-debug-mode --enable-torch-symm-mem --enable-tp-lm-head-all-to-all
    --enable-trace --enable-two-batch-overlap --enable-unified-cache-external-linker
    --enable-unified-memory --enable-w4a4-mxfp4-megamoe --enable-waterfill
    --enable-weights-cpu-backup --encoder-only --enforce-disable-flashinfer-allreduce-fusion
    --enforce-shared-experts-fusion --experts-shared-outer-loras --export-metrics-to-file
    --flashinfer-mla-disable-ragged --grpc-mode --incremental-streaming-output --is-embedding
    --keep-mm-feature-on-device --language-model-only --language-only --log-requests
    --lora-strict-loading --lora-use-virtual-experts --mlx-enable-sampling
    --mm-enable-dp-encoder --no-dcp-replicate-q-proj --no-dllm-fdfo
    --no-enable-tp-lm-head-all-to-all --no-experts-shared-outer-loras --no-lora-strict-loading
    --no-ple-offload-embedding --ple-offload-embedding --pre-warm-nccl
    --prefill-only-disable-kv-cache --quantize-and-serve
    --remote-instance-weight-loader-start-seed-via-transfer-engine --return-input-ids
    --return-output-ids --schedule-low-priority-values-first --show-time-cost
    --skip-server-warmup --skip-tokenizer-init --sleep-on-idle --smg-grpc-mode
    --speculative-adaptive --speculative-dspark-align-verify-tokens-to-graph-tier
    --speculative-skip-dp-mlp-sync --speculative-use-rejection-sampling
    --stream-response-default-include-usage --strip-thinking-cache
    --triton-attention-reduce-in-fp32 --trust-mm-content-hashes --trust-remote-code --use-ray
    --weight-loader-disable-mmap --weight-loader-drop-cache-after-load
    --weight-loader-prefetch-checkpoints --help -h
  `),
  "llama.cpp": named(`
    --agent --backend-sampling --cache-idle-slots --cache-list --cache-prompt --check-tensors
    --completion-bash --cont-batching --context-shift --cors-credentials --cpu-moe
    --cpu-moe-draft --embd-gemma-default --embedding --embeddings --escape
    --fim-qwen-1.5b-default --fim-qwen-14b-spec --fim-qwen-30b-default --fim-qwen-3b-default
    --fim-qwen-7b-default --fim-qwen-7b-spec --gpt-oss-120b-default --gpt-oss-20b-default --help
    --ignore-eos --jinja --kv-offload --kv-unified --list-devices --log-disable --log-jsonl
    --log-prefix --log-timestamps --log-verbose --lora-init-without-apply --metrics
    --mmproj-auto --mmproj-offload --models-autoload --no-agent --no-cache-idle-slots
    --no-cache-prompt --no-cont-batching --no-context-shift --no-cors-credentials --no-escape
    --no-host --no-jinja --no-kv-offload --no-kv-unified --no-log-jsonl --no-log-prefix
    --no-log-timestamps --no-mmproj --no-mmproj-auto --no-mmproj-offload --no-models-autoload
    --no-op-offload --no-perf --no-prefill-assistant --no-reasoning-preserve --no-repack
    --no-skip-chat-parsing --no-slots --no-spec-draft-backend-sampling --no-ui --no-ui-mcp-proxy
    --no-warmup --no-webui --no-webui-mcp-proxy --offline --op-offload --perf
    --prefill-assistant --props --reasoning-preserve --repack --rerank --reranking --reuse-port
    --skip-chat-parsing --slots --spec-default --spec-draft-backend-sampling
    --spec-draft-cpu-moe --special --spm-infill --swa-full --ui --ui-mcp-proxy --usage --verbose
    --version --vision-gemma-12b-default --vision-gemma-4b-default --warmup --webui
    --webui-mcp-proxy -ag -bs -cb -cl -cmoe -cmoed -e -h -kvo -kvu -nkvo -no-ag -no-kvu -nocb
    -nr -sp -v
  `),
  tei: named("--disable-spans --help --json-output --version -V -h"),
} as const;

function withNegatives(text: string): readonly string[] {
  return named(text).flatMap((flag) => [flag, flag.replace(/^--/, "--no-")]);
}

function named(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}
