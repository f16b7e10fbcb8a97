import type { MachineRow } from "./machine";

/** So many network cards, from the first on. */
const cards = (first: number, count: number) =>
  Array.from({ length: count }, (_, at) => first + at);

/**
 * AWS machines with NVIDIA GPUs, from the Karpenter for AWS repository: prices of us-east-1 in its on-demand price table of
 * 2026-07-20, shapes from its instance type reference; collected 2026-11-22. Spot prices float and are not in that table.
 * Memory, CPUs and disk of p6e-gb200 are general knowledge. Which cards take an EFA is from the EC2 user guide, "Maximize network
 * bandwidth on instances with multiple network cards"; on p6e-gb200 it is one for each GPU.
 */
// prettier-ignore
export const eksMachines: readonly MachineRow[] = [
  ["g4dn.xlarge", "T4", 1, 16, 4, 16, 0.526, { nvmeGB: 125, net: "5Gbps" }],
  ["g4dn.2xlarge", "T4", 1, 16, 8, 32, 0.752, { nvmeGB: 225, net: "10Gbps" }],
  ["g4dn.4xlarge", "T4", 1, 16, 16, 64, 1.204, { nvmeGB: 225, net: "20Gbps" }],
  ["g4dn.8xlarge", "T4", 1, 16, 32, 128, 2.176, { nvmeGB: 900, net: "50Gbps EFAx1", efa: cards(0, 1) }],
  ["g4dn.12xlarge", "T4", 4, 16, 48, 192, 3.912, { nvmeGB: 900, net: "50Gbps EFAx1", efa: cards(0, 1) }],
  ["g4dn.16xlarge", "T4", 1, 16, 64, 256, 4.352, { nvmeGB: 900, net: "50Gbps EFAx1", efa: cards(0, 1) }],
  ["g4dn.metal", "T4", 8, 16, 96, 384, 7.824, { nvmeGB: 1800, net: "100Gbps EFAx1", efa: cards(0, 1) }],
  ["g5.xlarge", "A10G", 1, 22.4, 4, 16, 1.006, { nvmeGB: 250, net: "2.5Gbps" }],
  ["g5.2xlarge", "A10G", 1, 22.4, 8, 32, 1.212, { nvmeGB: 450, net: "5Gbps" }],
  ["g5.4xlarge", "A10G", 1, 22.4, 16, 64, 1.624, { nvmeGB: 600, net: "10Gbps" }],
  ["g5.8xlarge", "A10G", 1, 22.4, 32, 128, 2.448, { nvmeGB: 900, net: "25Gbps EFAx1", efa: cards(0, 1) }],
  ["g5.12xlarge", "A10G", 4, 22.4, 48, 192, 5.672, { nvmeGB: 3800, net: "40Gbps EFAx1", efa: cards(0, 1) }],
  ["g5.16xlarge", "A10G", 1, 22.4, 64, 256, 4.096, { nvmeGB: 1900, net: "25Gbps EFAx1", efa: cards(0, 1) }],
  ["g5.24xlarge", "A10G", 4, 22.4, 96, 384, 8.144, { nvmeGB: 3800, net: "50Gbps EFAx1", efa: cards(0, 1) }],
  ["g5.48xlarge", "A10G", 8, 22.4, 192, 768, 16.288, { nvmeGB: 7600, net: "100Gbps EFAx1", efa: cards(0, 1) }],
  ["g6.xlarge", "L4", 1, 22.4, 4, 16, 0.8048, { nvmeGB: 250, net: "2.5Gbps" }],
  ["g6.2xlarge", "L4", 1, 22.4, 8, 32, 0.9776, { nvmeGB: 450, net: "5Gbps" }],
  ["g6.4xlarge", "L4", 1, 22.4, 16, 64, 1.3232, { nvmeGB: 600, net: "10Gbps" }],
  ["g6.8xlarge", "L4", 1, 22.4, 32, 128, 2.0144, { nvmeGB: 900, net: "25Gbps EFAx1", efa: cards(0, 1) }],
  ["g6.12xlarge", "L4", 4, 22.4, 48, 192, 4.6016, { nvmeGB: 3760, net: "40Gbps EFAx1", efa: cards(0, 1) }],
  ["g6.16xlarge", "L4", 1, 22.4, 64, 256, 3.3968, { nvmeGB: 1880, net: "25Gbps EFAx1", efa: cards(0, 1) }],
  ["g6.24xlarge", "L4", 4, 22.4, 96, 384, 6.6752, { nvmeGB: 3760, net: "50Gbps EFAx1", efa: cards(0, 1) }],
  ["g6.48xlarge", "L4", 8, 22.4, 192, 768, 13.3504, { nvmeGB: 7520, net: "100Gbps EFAx1", efa: cards(0, 1) }],
  ["g6e.xlarge", "L40S", 1, 44.7, 4, 32, 1.861, { nvmeGB: 250, net: "2.5Gbps" }],
  ["g6e.2xlarge", "L40S", 1, 44.7, 8, 64, 2.24208, { nvmeGB: 450, net: "5Gbps" }],
  ["g6e.4xlarge", "L40S", 1, 44.7, 16, 128, 3.00424, { nvmeGB: 600, net: "20Gbps" }],
  ["g6e.8xlarge", "L40S", 1, 44.7, 32, 256, 4.52856, { nvmeGB: 900, net: "25Gbps EFAx1", efa: cards(0, 1) }],
  ["g6e.12xlarge", "L40S", 4, 44.7, 48, 384, 10.49264, { nvmeGB: 3800, net: "100Gbps EFAx1", efa: cards(0, 1) }],
  ["g6e.16xlarge", "L40S", 1, 44.7, 64, 512, 7.57719, { nvmeGB: 1900, net: "35Gbps EFAx1", efa: cards(0, 1) }],
  ["g6e.24xlarge", "L40S", 4, 44.7, 96, 768, 15.06559, { nvmeGB: 3800, net: "200Gbps EFAx2", efa: cards(0, 2) }],
  ["g6e.48xlarge", "L40S", 8, 44.7, 192, 1536, 30.13118, { nvmeGB: 7600, net: "400Gbps EFAx4", efa: cards(0, 4) }],
  ["g6f.large", "L4", 1, 2.8, 2, 8, 0.202, { gpuFraction: 0.125, nvmeGB: 100, net: "1.5Gbps", note: "fractional vGPU: kubelet may not offer nvidia.com/gpu as whole" }],
  ["g6f.xlarge", "L4", 1, 2.8, 4, 16, 0.2375, { gpuFraction: 0.125, nvmeGB: 100, net: "2.5Gbps", note: "fractional vGPU: kubelet may not offer nvidia.com/gpu as whole" }],
  ["g6f.2xlarge", "L4", 1, 5.6, 8, 32, 0.475, { gpuFraction: 0.25, nvmeGB: 200, net: "5Gbps", note: "fractional vGPU: kubelet may not offer nvidia.com/gpu as whole" }],
  ["g6f.4xlarge", "L4", 1, 11.2, 16, 64, 0.95, { gpuFraction: 0.5, nvmeGB: 450, net: "10Gbps", note: "fractional vGPU: kubelet may not offer nvidia.com/gpu as whole" }],
  ["g7.2xlarge", "RTX-PRO-4500", 1, 32, 8, 32, 2.52, { nvmeGB: 440, net: "60Gbps", note: "needs driver 595: no EKS AMI yet" }],
  ["g7.4xlarge", "RTX-PRO-4500", 1, 32, 16, 64, 3.04208, { nvmeGB: 875, net: "60Gbps", note: "needs driver 595: no EKS AMI yet" }],
  ["g7.8xlarge", "RTX-PRO-4500", 1, 32, 32, 128, 4.08624, { nvmeGB: 930, net: "80Gbps EFAx1", efa: cards(0, 1), note: "needs driver 595: no EKS AMI yet" }],
  ["g7.12xlarge", "RTX-PRO-4500", 2, 32, 48, 192, 7.12832, { nvmeGB: 1900, net: "175Gbps EFAx1", efa: cards(0, 1), note: "needs driver 595: no EKS AMI yet" }],
  ["g7.24xlarge", "RTX-PRO-4500", 4, 32, 96, 384, 14.25664, { nvmeGB: 3800, net: "350Gbps EFAx1", efa: cards(0, 1), note: "needs driver 595: no EKS AMI yet" }],
  ["g7.48xlarge", "RTX-PRO-4500", 8, 32, 192, 768, 28.51328, { nvmeGB: 7600, net: "700Gbps EFAx2", efa: cards(0, 2), note: "needs driver 595: no EKS AMI yet" }],
  ["g7e.2xlarge", "RTX-PRO-6000", 1, 96, 8, 64, 3.36312, { nvmeGB: 1900, net: "50Gbps" }],
  ["g7e.4xlarge", "RTX-PRO-6000", 1, 96, 16, 128, 3.99816, { nvmeGB: 1900, net: "50Gbps" }],
  ["g7e.8xlarge", "RTX-PRO-6000", 1, 96, 32, 256, 5.26824, { nvmeGB: 1900, net: "100Gbps EFAx1", efa: cards(0, 1) }],
  ["g7e.12xlarge", "RTX-PRO-6000", 2, 96, 48, 512, 8.28608, { nvmeGB: 3800, net: "400Gbps EFAx1", efa: cards(0, 1) }],
  ["g7e.24xlarge", "RTX-PRO-6000", 4, 96, 96, 1024, 16.57216, { nvmeGB: 7600, net: "800Gbps EFAx2", efa: cards(0, 2) }],
  ["g7e.48xlarge", "RTX-PRO-6000", 8, 96, 192, 2048, 33.14432, { nvmeGB: 15200, net: "1600Gbps EFAx4", efa: cards(0, 4) }],
  ["gr6.4xlarge", "L4", 1, 22.4, 16, 128, 1.5392, { nvmeGB: 600, net: "10Gbps" }],
  ["gr6.8xlarge", "L4", 1, 22.4, 32, 256, 2.4464, { nvmeGB: 900, net: "25Gbps EFAx1", efa: cards(0, 1) }],
  ["p4d.24xlarge", "A100", 8, 40, 96, 1152, 21.957642, { nvmeGB: 8000, net: "400Gbps EFAx4", efa: cards(0, 4), note: "capacity block/ODCR usual" }],
  ["p4de.24xlarge", "A100-80", 8, 80, 96, 1152, 27.44705, { nvmeGB: 8000, net: "400Gbps EFAx4", efa: cards(0, 4), note: "capacity block/ODCR usual" }],
  ["p5.4xlarge", "H100", 1, 80, 16, 256, 6.88, { nvmeGB: 3800, net: "100Gbps EFAx1", efa: cards(0, 1), note: "capacity block/ODCR usual" }],
  ["p5.48xlarge", "H100", 8, 80, 192, 2048, 55.04, { nvmeGB: 30400, net: "3200Gbps EFAx32", efa: cards(0, 32), note: "capacity block/ODCR usual" }],
  ["p5e.48xlarge", "H200", 8, 141, 192, 2048, undefined, { nvmeGB: 30400, net: "3200Gbps EFAx32", efa: cards(0, 32), soldOnlyAs: ["block", "reserved"], note: "no list price (capacity block); capacity block/ODCR usual" }],
  ["p5en.48xlarge", "H200", 8, 141, 192, 2048, 63.296, { nvmeGB: 30400, net: "3200Gbps EFAx16", efa: cards(0, 16), note: "capacity block/ODCR usual" }],
  ["p6-b200.48xlarge", "B200", 8, 179.1, 192, 2048, 113.9328, { nvmeGB: 30400, net: "3200Gbps EFAx8", efa: cards(0, 8), note: "capacity block/ODCR usual" }],
  ["p6-b300.48xlarge", "B300", 8, 268.6, 192, 4096, 142.416, { nvmeGB: 30400, net: "6400Gbps EFAx16", efa: cards(1, 16), note: "capacity block/ODCR usual" }],
  ["p6e-gb200.36xlarge", "GB200", 4, 185, 144, 960, undefined, { nvmeGB: 22500, net: "3200Gbps EFA NVL72", efa: [1, 5, 9, 13], arch: "arm64", soldOnlyAs: ["block"], note: "UltraServer capacity block only; vcpus/mem/nvme from general knowledge; AL2023_ARM_64_NVIDIA" }],
];
