import type { MachineRow } from "./machine";

/**
 * Google Cloud machines with NVIDIA GPUs: prices of us-central1 in the price file of Karpenter for Google Cloud, 2026-08-03; shapes
 * from the Google Cloud pricing calculator's machine list; collected 2026-11-22. a3-mega and a3-ultra are the sum of the machine's
 * and the GPUs' prices; for a4-highgpu-8g feeds differ between 64 and 90 USD.
 */
// prettier-ignore
export const gkeMachines: readonly MachineRow[] = [
  ["n1-standard-4", "T4", 1, 16, 4, 15, 0.54, { usdPerHourSpot: 0.20701, acceleratorType: "nvidia-tesla-t4", note: "attach with guestAccelerators; price = n1 + 0.35/T4 (spot ~0.11-0.14/T4)" }],
  ["n1-standard-8", "T4", 1, 16, 8, 30, 0.73, { usdPerHourSpot: 0.27402, acceleratorType: "nvidia-tesla-t4", note: "attach with guestAccelerators; price = n1 + 0.35/T4 (spot ~0.11-0.14/T4)" }],
  ["n1-standard-16", "T4", 1, 16, 16, 60, 1.11, { usdPerHourSpot: 0.40804, acceleratorType: "nvidia-tesla-t4", note: "attach with guestAccelerators; price = n1 + 0.35/T4 (spot ~0.11-0.14/T4)" }],
  ["n1-standard-8", "T4", 2, 16, 8, 30, 1.08, { usdPerHourSpot: 0.41402, acceleratorType: "nvidia-tesla-t4", note: "attach with guestAccelerators; price = n1 + 0.35/T4 (spot ~0.11-0.14/T4)" }],
  ["n1-standard-16", "T4", 2, 16, 16, 60, 1.46, { usdPerHourSpot: 0.54804, acceleratorType: "nvidia-tesla-t4", note: "attach with guestAccelerators; price = n1 + 0.35/T4 (spot ~0.11-0.14/T4)" }],
  ["n1-standard-32", "T4", 4, 16, 32, 120, 2.91999, { usdPerHourSpot: 1.09608, acceleratorType: "nvidia-tesla-t4", note: "attach with guestAccelerators; price = n1 + 0.35/T4 (spot ~0.11-0.14/T4)" }],
  ["n1-highmem-4", "T4", 1, 16, 4, 26, 0.58661, { usdPerHourSpot: 0.22344, acceleratorType: "nvidia-tesla-t4", note: "attach with guestAccelerators; price = n1 + 0.35/T4 (spot ~0.11-0.14/T4)" }],
  ["n1-highmem-8", "T4", 1, 16, 8, 52, 0.82321, { usdPerHourSpot: 0.30689, acceleratorType: "nvidia-tesla-t4", note: "attach with guestAccelerators; price = n1 + 0.35/T4 (spot ~0.11-0.14/T4)" }],
  ["g2-standard-4", "L4", 1, 24, 4, 16, 0.70683, { usdPerHourSpot: 0.39734, acceleratorType: "nvidia-l4", note: "local SSD of 375 GB per GPU on request" }],
  ["g2-standard-8", "L4", 1, 24, 8, 32, 0.85362, { usdPerHourSpot: 0.47987, acceleratorType: "nvidia-l4", note: "local SSD of 375 GB per GPU on request" }],
  ["g2-standard-12", "L4", 1, 24, 12, 48, 1.00042, { usdPerHourSpot: 0.56241, acceleratorType: "nvidia-l4", note: "local SSD of 375 GB per GPU on request" }],
  ["g2-standard-16", "L4", 1, 24, 16, 64, 1.14721, { usdPerHourSpot: 0.64494, acceleratorType: "nvidia-l4", note: "local SSD of 375 GB per GPU on request" }],
  ["g2-standard-24", "L4", 2, 24, 24, 96, 2.00083, { usdPerHourSpot: 1.12482, acceleratorType: "nvidia-l4", note: "local SSD of 375 GB per GPU on request" }],
  ["g2-standard-32", "L4", 1, 24, 32, 128, 1.73438, { usdPerHourSpot: 0.97509, acceleratorType: "nvidia-l4", note: "local SSD of 375 GB per GPU on request" }],
  ["g2-standard-48", "L4", 4, 24, 48, 192, 4.00167, { usdPerHourSpot: 2.24963, acceleratorType: "nvidia-l4", note: "local SSD of 375 GB per GPU on request" }],
  ["g2-standard-96", "L4", 8, 24, 96, 384, 8.00333, { usdPerHourSpot: 4.49926, acceleratorType: "nvidia-l4", note: "local SSD of 375 GB per GPU on request" }],
  ["a2-highgpu-1g", "A100", 1, 40, 12, 85, 3.67339, { usdPerHourSpot: 1.92802, acceleratorType: "nvidia-tesla-a100" }],
  ["a2-highgpu-2g", "A100", 2, 40, 24, 170, 7.34677, { usdPerHourSpot: 3.85604, acceleratorType: "nvidia-tesla-a100" }],
  ["a2-highgpu-4g", "A100", 4, 40, 48, 340, 14.69354, { usdPerHourSpot: 7.71208, acceleratorType: "nvidia-tesla-a100" }],
  ["a2-highgpu-8g", "A100", 8, 40, 96, 680, 29.38708, { usdPerHourSpot: 15.42416, acceleratorType: "nvidia-tesla-a100", net: "100Gbps" }],
  ["a2-megagpu-16g", "A100", 16, 40, 96, 1360, 55.7395, { usdPerHourSpot: 29.25568, acceleratorType: "nvidia-tesla-a100", net: "100Gbps" }],
  ["a2-ultragpu-1g", "A100-80", 1, 80, 12, 170, 5.0688, { usdPerHourSpot: 2.75955, acceleratorType: "nvidia-a100-80gb", nvmeGB: 375 }],
  ["a2-ultragpu-2g", "A100-80", 2, 80, 24, 340, 10.1376, { usdPerHourSpot: 5.51909, acceleratorType: "nvidia-a100-80gb", nvmeGB: 750 }],
  ["a2-ultragpu-4g", "A100-80", 4, 80, 48, 680, 20.27519, { usdPerHourSpot: 11.03819, acceleratorType: "nvidia-a100-80gb", nvmeGB: 1500 }],
  ["a2-ultragpu-8g", "A100-80", 8, 80, 96, 1360, 40.55038, { usdPerHourSpot: 22.07637, acceleratorType: "nvidia-a100-80gb", nvmeGB: 3000 }],
  ["a3-highgpu-1g", "H100", 1, 80, 26, 234, 11.06125, { usdPerHourSpot: 6.32619, acceleratorType: "nvidia-h100-80gb", nvmeGB: 750, soldOnlyAs: ["spot", "flex-start"], note: "spot / flex-start (DWS) only" }],
  ["a3-highgpu-2g", "H100", 2, 80, 52, 468, 22.1225, { usdPerHourSpot: 12.65239, acceleratorType: "nvidia-h100-80gb", nvmeGB: 1500, soldOnlyAs: ["spot", "flex-start"], note: "spot / flex-start (DWS) only" }],
  ["a3-highgpu-4g", "H100", 4, 80, 104, 936, 44.245, { usdPerHourSpot: 25.30477, acceleratorType: "nvidia-h100-80gb", nvmeGB: 3000, soldOnlyAs: ["spot", "flex-start"], note: "spot / flex-start (DWS) only" }],
  ["a3-highgpu-8g", "H100", 8, 80, 208, 1872, 88.49, { usdPerHourSpot: 50.60954, acceleratorType: "nvidia-h100-80gb", nvmeGB: 6000, net: "GPUDirect-TCPX, 4 GPU NICs" }],
  ["a3-megagpu-8g", "H100-MEGA", 8, 80, 208, 1872, 92.21, { usdPerHourSpot: 28.17, acceleratorType: "nvidia-h100-mega-80gb", nvmeGB: 6000, net: "GPUDirect-TCPXO, 8 GPU NICs", note: "derived VM+GPU, without SSD" }],
  ["a3-edgegpu-8g", "H100", 8, 80, 208, 1872, undefined, { acceleratorType: "nvidia-h100-80gb", nvmeGB: 6000, note: "serving-oriented, lower network; price as H100 parts; not in price feed" }],
  ["a3-ultragpu-8g", "H200", 8, 141, 224, 2952, 86.76, { usdPerHourSpot: 40.99, acceleratorType: "nvidia-h200-141gb", nvmeGB: 12000, net: "RoCE GPUDirect-RDMA CX-7 8x400", note: "derived VM+GPU; reservation/flex-start" }],
  ["a4-highgpu-8g", "B200", 8, 180, 224, 3968, 90.22, { usdPerHourSpot: 32.61, acceleratorType: "nvidia-b200", nvmeGB: 12000, net: "RoCE GPUDirect-RDMA CX-7 8x400", note: "price uncertain (feeds differ 64-90)" }],
  ["a4x-highgpu-4g", "GB200", 4, 186, 140, 884, undefined, { acceleratorType: "nvidia-gb200", nvmeGB: 12000, net: "RoCE + NVL72", arch: "arm64", soldOnlyAs: ["reserved"], note: "reservation only; no list price" }],
  ["a4x-maxgpu-4g-metal", "GB300", 4, 279, 144, 960, undefined, { acceleratorType: "nvidia-gb300", nvmeGB: 12000, net: "RoCE + NVL72", arch: "arm64", soldOnlyAs: ["reserved"], note: "bare metal, reservation only; no list price" }],
  ["g4-standard-6", "RTX-PRO-6000", 1, 12, 6, 22, 0.55956, { usdPerHourSpot: 0.2238, acceleratorType: "nvidia-rtx-pro-6000", gpuFraction: 0.125, note: "fractional vGPU" }],
  ["g4-standard-12", "RTX-PRO-6000", 1, 24, 12, 45, 1.12498, { usdPerHourSpot: 0.44995, acceleratorType: "nvidia-rtx-pro-6000", gpuFraction: 0.25, note: "fractional vGPU" }],
  ["g4-standard-24", "RTX-PRO-6000", 1, 48, 24, 90, 2.24996, { usdPerHourSpot: 0.89991, acceleratorType: "nvidia-rtx-pro-6000", gpuFraction: 0.5, note: "fractional vGPU" }],
  ["g4-standard-48", "RTX-PRO-6000", 1, 96, 48, 180, 4.49993, { usdPerHourSpot: 1.79982, acceleratorType: "nvidia-rtx-pro-6000" }],
  ["g4-standard-96", "RTX-PRO-6000", 2, 96, 96, 360, 8.99986, { usdPerHourSpot: 3.59964, acceleratorType: "nvidia-rtx-pro-6000" }],
  ["g4-standard-192", "RTX-PRO-6000", 4, 96, 192, 720, 17.99972, { usdPerHourSpot: 7.19928, acceleratorType: "nvidia-rtx-pro-6000" }],
  ["g4-standard-384", "RTX-PRO-6000", 8, 96, 384, 1440, 35.99944, { usdPerHourSpot: 14.39856, acceleratorType: "nvidia-rtx-pro-6000" }],
];
