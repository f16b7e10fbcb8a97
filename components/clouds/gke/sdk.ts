import { requireSdk } from "../sdk";

requireSdk("gke");
