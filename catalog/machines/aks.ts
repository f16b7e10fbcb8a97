import type { MachineRow } from "./machine";

/**
 * Azure machines with NVIDIA GPUs: prices of eastus in the price table of Karpenter for Azure, 2026-06-18; shapes from the Azure
 * instance types of the Kubernetes autoscaler and from KAITO; collected 2026-11-22. Spot prices float and are not in that table.
 * Of the RTX PRO 6000 sizes only these nine can still be deployed.
 */
// prettier-ignore
export const aksMachines: readonly MachineRow[] = [
  ["Standard_NC4as_T4_v3", "T4", 1, 16, 4, 28, 0.526],
  ["Standard_NC8as_T4_v3", "T4", 1, 16, 8, 56, 0.752],
  ["Standard_NC16as_T4_v3", "T4", 1, 16, 16, 110, 1.204],
  ["Standard_NC64as_T4_v3", "T4", 4, 16, 64, 440, 4.352],
  ["Standard_NV6ads_A10_v5", "A10", 1, 4, 6, 55, 0.454, { gpuFraction: 0.1667, note: "fractional vGPU, GRID driver" }],
  ["Standard_NV12ads_A10_v5", "A10", 1, 8, 12, 110, 0.908, { gpuFraction: 0.3333, note: "fractional vGPU, GRID driver" }],
  ["Standard_NV18ads_A10_v5", "A10", 1, 12, 18, 220, 1.6, { gpuFraction: 0.5, note: "fractional vGPU, GRID driver" }],
  ["Standard_NV36ads_A10_v5", "A10", 1, 24, 36, 440, 3.2, { note: "GRID driver" }],
  ["Standard_NV36adms_A10_v5", "A10", 1, 24, 36, 880, 4.52, { note: "GRID driver" }],
  ["Standard_NV72ads_A10_v5", "A10", 2, 24, 72, 880, 6.52, { note: "GRID driver" }],
  ["Standard_NC24ads_A100_v4", "A100-80", 1, 80, 24, 220, 3.673],
  ["Standard_NC48ads_A100_v4", "A100-80", 2, 80, 48, 440, 7.346],
  ["Standard_NC96ads_A100_v4", "A100-80", 4, 80, 96, 880, 14.692],
  ["Standard_NC40ads_H100_v5", "H100-NVL", 1, 94, 40, 320, 6.98],
  ["Standard_NC80adis_H100_v5", "H100-NVL", 2, 94, 80, 640, 13.96],
  ["Standard_ND96asr_v4", "A100", 8, 40, 96, 900, 27.197, { net: "InfiniBand HDR 8x200" }],
  ["Standard_ND96amsr_A100_v4", "A100-80", 8, 80, 96, 1800, 32.77, { net: "InfiniBand HDR 8x200" }],
  ["Standard_ND96isr_H100_v5", "H100", 8, 80, 96, 1900, 98.32, { net: "InfiniBand NDR 8x400" }],
  ["Standard_ND96isr_H200_v5", "H200", 8, 141, 96, 1850, 84.8, { priceRegion: "eastus2", net: "InfiniBand NDR 8x400", note: "not priced in eastus" }],
  ["Standard_ND128isr_NDR_GB200_v6", "GB200", 4, 192, 128, 900, 108.16, { net: "InfiniBand NDR 4x400 + NVL72", arch: "arm64" }],
  ["Standard_ND128isr_GB300_v6", "GB300", 4, 288, 128, 900, undefined, { net: "InfiniBand XDR + NVL72", arch: "arm64", note: "mem from general knowledge; no list price" }],
  ["Standard_NC24lds_xl_RTXPRO6000BSE_v6", "RTX-PRO-6000", 1, 24, 24, 72, 1.13, { gpuFraction: 0.25, note: "GRID v20 (595) driver; fractional vGPU" }],
  ["Standard_NC36ds_xl_RTXPRO6000BSE_v6", "RTX-PRO-6000", 1, 24, 36, 132, 1.442, { gpuFraction: 0.25, note: "GRID v20 (595) driver; fractional vGPU" }],
  ["Standard_NC36lds_xl_RTXPRO6000BSE_v6", "RTX-PRO-6000", 1, 24, 36, 72, 1.243, { gpuFraction: 0.25, note: "GRID v20 (595) driver; fractional vGPU" }],
  ["Standard_NC72ds_xl_RTXPRO6000BSE_v6", "RTX-PRO-6000", 1, 48, 72, 264, 2.83, { gpuFraction: 0.5, note: "GRID v20 (595) driver; fractional vGPU" }],
  ["Standard_NC72lds_xl_RTXPRO6000BSE_v6", "RTX-PRO-6000", 1, 48, 72, 132, 2.44, { gpuFraction: 0.5, note: "GRID v20 (595) driver; fractional vGPU; mem inferred from the pattern" }],
  ["Standard_NC144ds_xl_RTXPRO6000BSE_v6", "RTX-PRO-6000", 1, 96, 144, 516, 5.5, { note: "GRID v20 (595) driver" }],
  ["Standard_NC144lds_xl_RTXPRO6000BSE_v6", "RTX-PRO-6000", 1, 96, 144, 264, 5.5, { note: "GRID v20 (595) driver" }],
  ["Standard_NC288ds_xl_RTXPRO6000BSE_v6", "RTX-PRO-6000", 2, 96, 288, 1032, 11, { note: "GRID v20 (595) driver" }],
  ["Standard_NC288lds_xl_RTXPRO6000BSE_v6", "RTX-PRO-6000", 2, 96, 288, 516, 11, { note: "GRID v20 (595) driver" }],
];
