import assert from "node:assert/strict";
import { fits, spare } from "../../../components/workload/spare";

const twoNodesOfEight = { maxNodes: 2, gpusPerNode: 8 };

describe("a pool", () => {
  it("holds what fills it to the last GPU", () => {
    assert.equal(fits(twoNodesOfEight, [{ gpus: 4, count: 4 }]), true);
    assert.equal(fits(twoNodesOfEight, [{ gpus: 4, count: 5 }]), false);
  });

  it("holds no replica that would span nodes", () => {
    assert.equal(fits(twoNodesOfEight, [{ gpus: 5, count: 2 }]), true);
    assert.equal(fits(twoNodesOfEight, [{ gpus: 5, count: 3 }]), false);
    assert.equal(fits(twoNodesOfEight, [{ gpus: 16, count: 1 }]), false);
  });

  it("holds large and small replicas in whichever order they are named", () => {
    const large = { gpus: 8, count: 1 };
    const small = { gpus: 1, count: 8 };
    assert.equal(fits(twoNodesOfEight, [large, small]), true);
    assert.equal(fits(twoNodesOfEight, [small, large]), true);
  });

  it("holds small replicas in the gaps that large ones leave", () => {
    const groups = [
      { gpus: 5, count: 2 },
      { gpus: 3, count: 2 },
    ];
    assert.equal(fits(twoNodesOfEight, groups), true);
    assert.equal(fits(twoNodesOfEight, [...groups, { gpus: 1, count: 1 }]), false);
  });

  it("holds nothing on any number of nodes", () => {
    assert.equal(fits({ maxNodes: 1, gpusPerNode: 1 }, []), true);
  });
});

describe("the spare slots of a pool", () => {
  it("are all of an empty pool", () => {
    assert.equal(spare(twoNodesOfEight, [], 4), 4);
  });

  it("are whole replicas on one node each: three GPUs here and three there hold none of four", () => {
    const groups = [{ gpus: 5, count: 2 }];
    assert.equal(spare(twoNodesOfEight, groups, 4), 0);
    assert.equal(spare(twoNodesOfEight, groups, 3), 2);
    assert.equal(spare(twoNodesOfEight, groups, 1), 6);
  });

  it("are what all services together leave", () => {
    const groups = [
      { gpus: 4, count: 2 },
      { gpus: 2, count: 3 },
    ];
    assert.equal(spare(twoNodesOfEight, groups, 2), 1);
  });

  it("are none of a full pool", () => {
    assert.equal(spare(twoNodesOfEight, [{ gpus: 8, count: 2 }], 1), 0);
  });

  it("are none of a pool that is too small as it is", () => {
    assert.equal(spare(twoNodesOfEight, [{ gpus: 8, count: 3 }], 1), 0);
  });
});
