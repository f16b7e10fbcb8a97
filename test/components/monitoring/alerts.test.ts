import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { alerts } from "../../../components/monitoring/alerts";

const all = alerts({ namespaces: ["vision", "chat"], firstToken: 5 });
const of = (name: string, engine?: string) =>
  all.find(({ alert, labels }) => alert === name && labels.engine === engine);

describe("the alerts of a stack", () => {
  it("are about its namespaces alone, and GPUs", () => {
    for (const { alert, expr } of all) {
      assert.match(expr, /namespace=~"chat\|vision"|DCGM_/, alert);
    }
  });

  describe("of a service without a replica", () => {
    const expr = of("ServiceHasNoReplica")?.expr ?? "";
    const within = 'namespace=~"chat|vision"';

    it("tell unless it is to have none, and not of placeholder pods", () => {
      assert.ok(
        expr.startsWith(
          `(kube_deployment_spec_replicas{${within}} > 0 and on (namespace, deployment) kube_deployment_status_replicas_available{${within}} == 0` +
            ` unless on (namespace, deployment) label_replace(kube_pod_info{${within},priority_class=~"(.+-spare)-[0-9a-f]{8}"}, "deployment", "$1", "priority_class", "(.+-spare)-[0-9a-f]{8}")) or (`,
        ),
        expr,
      );
    });

    it("tell by the leaders of its groups, and not by the members of one", () => {
      assert.ok(
        expr.endsWith(
          `(label_replace((kube_statefulset_replicas{${within}} > 0 and on (namespace, statefulset) kube_statefulset_status_replicas_available{${within}} == 0), "leaders", "$1", "statefulset", "(.+)-[0-9]+")` +
            ` unless on (namespace, leaders) label_replace(kube_statefulset_replicas{${within}}, "leaders", "$1", "statefulset", "(.+)"))`,
        ),
        expr,
      );
    });
  });

  it("tell of a GPU that does nothing, unless a placeholder pod holds it on purpose", () => {
    assert.equal(
      of("GpuIdle")?.expr,
      "max by (node, gpu, modelName, namespace, pod) (max_over_time(DCGM_FI_DEV_GPU_UTIL[1h])) == 0" +
        ' unless on (namespace, pod) kube_pod_info{namespace=~"chat|vision",priority_class=~"(.+-spare)-[0-9a-f]{8}"}',
    );
  });

  it("tell of each engine's queue, cache and time to first token, and of the whole request where it knows no tokens", () => {
    assert.match(of("QueueGrows", "llama.cpp")?.expr ?? "", /llamacpp:requests_deferred/);
    assert.match(of("CacheFull", "vllm")?.expr ?? "", /vllm:kv_cache_usage_perc\{.*> 0\.95$/);
    assert.equal(of("CacheFull", "tei"), undefined);
    assert.match(
      of("AnswersSlowly", "sglang")?.expr ?? "",
      /sglang:time_to_first_token_seconds_bucket\{.*> 5$/,
    );
    assert.match(of("AnswersSlowly", "tei")?.expr ?? "", /te_request_duration_bucket/);
  });

  it("take no error of a program for one of the GPU", () => {
    assert.equal(
      of("GpuError")?.expr,
      "DCGM_FI_DEV_XID_ERRORS > 0 unless (DCGM_FI_DEV_XID_ERRORS == 13 or DCGM_FI_DEV_XID_ERRORS == 31 or DCGM_FI_DEV_XID_ERRORS == 43 or DCGM_FI_DEV_XID_ERRORS == 45 or DCGM_FI_DEV_XID_ERRORS == 68 or DCGM_FI_DEV_XID_ERRORS == 109)",
    );
  });

  it("are told apart by name, engine and severity", () => {
    const names = all.map(({ alert, labels }) => JSON.stringify([alert, labels]));
    assert.equal(new Set(names).size, all.length);
  });

  it("are each explained in the documentation", () => {
    const page = readFileSync(join(__dirname, "../../../docs/observability.md"), "utf8");
    for (const { alert } of all) assert.ok(page.includes(`\`${alert}\``), alert);
  });
});
