import assert from "node:assert/strict";
import {
  agentPoolName,
  defaultClusterName,
  guid,
  identityName,
} from "../../../../components/clouds/aks/names";
import type { CapacityType } from "../../../../components/clouds/managed";
import type { AksPool } from "../../../../components/clouds/aks/schema";
import { aksMachine, reservationGroup, t4Pool } from "../../../support/aks";

const spot: CapacityType = { kind: "spot" };
const onDemand: CapacityType = { kind: "on-demand" };

describe("the name of an agent pool", () => {
  it("is one that Azure takes, whatever the pool is called", () => {
    for (const name of ["t4", "inference-pool-of-the-vision-team", "4x", "a-b", "GPU.big"]) {
      for (const capacityType of [spot, onDemand]) {
        assert.match(agentPoolName(name, t4Pool(), capacityType), /^[a-z][a-z0-9]{0,11}$/);
      }
    }
  });

  it("begins with the pool's, so that a person knows it again", () => {
    assert.match(agentPoolName("vision", t4Pool(), spot), /^vision/);
  });

  it("stays what it is as long as its machine does, and on a longer capacity order", () => {
    const before = agentPoolName("t4", t4Pool(), onDemand);

    assert.equal(before, agentPoolName("t4", t4Pool({ nodes: { min: 1, max: 99 } }), onDemand));
    assert.equal(before, agentPoolName("t4", t4Pool({ capacity: [spot, onDemand] }), onDemand));
    assert.equal(before, "t4oyuxp7");
  });

  it("is another one where its nodes move next to each other, which Azure fixes when it is made", () => {
    const wide = agentPoolName("t4", t4Pool(), onDemand);

    assert.notEqual(wide, agentPoolName("t4", t4Pool({ network: "compact" }), onDemand));
  });

  it("is another one for each capacity type and pool, also where the names begin alike", () => {
    const capacityTypes: CapacityType[] = [
      spot,
      onDemand,
      { kind: "reserved", reservation: reservationGroup },
      { kind: "reserved", reservation: `${reservationGroup}-2` },
    ];
    const names = ["vision-a", "vision-b", "visiona", "vision-a-large"].flatMap((pool) =>
      capacityTypes.map((capacityType) => agentPoolName(pool, t4Pool(), capacityType)),
    );

    assert.deepEqual([...new Set(names)], names);
  });

  it("is another one for what Azure cannot change in a pool", () => {
    const changes: Partial<AksPool>[] = [
      { machine: aksMachine("Standard_NC8as_T4_v3") },
      { diskGiB: 1024 },
      { zones: ["1"] },
      { sharing: { kind: "mig", profile: "1g.10gb" } },
      { sharing: { kind: "mig", profile: "2g.20gb" } },
    ];
    const names = [{}, ...changes].map((change) => agentPoolName("t4", t4Pool(change), spot));

    assert.deepEqual([...new Set(names)], names);
  });
});

describe("names in Azure", () => {
  it("are of the project, the stack and the cluster", () => {
    assert.equal(defaultClusterName("acme-ml", "prod", "cluster"), "acme-ml-prod-cluster");
  });

  it("are two where two stacks differ only in what a name cannot have or has no room for", () => {
    const long = "a-project-with-a-name-of-some-length";
    const names = ["prod.eu", "prod_eu", "prod-eu"].flatMap((stack) => [
      defaultClusterName("acme", stack, "cluster"),
      defaultClusterName(long, stack, "cluster"),
    ]);

    assert.deepEqual([...new Set(names)], names);
    for (const name of names) assert.match(name, /^[a-z][a-z0-9-]{0,38}[a-z0-9]$/);
  });

  it("keep the namespace and name of a service account apart", () => {
    assert.equal(identityName("chat", "vllm.small"), "chat_vllm_small");
    assert.notEqual(identityName("a-b", "c"), identityName("a", "b-c"));
    const longest = identityName("n".repeat(63), "s".repeat(253));
    assert.ok(longest.length <= 120, `${longest.length} characters`);
  });

  it("make the same GUID of the same parts and another one of others", () => {
    const form = /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/;

    assert.match(guid("scope", "principal", "role"), form);
    assert.equal(guid("scope", "principal", "role"), guid("SCOPE", "principal", "role"));
    assert.notEqual(guid("scope", "principal", "role"), guid("scope", "principal2", "role"));
  });
});
