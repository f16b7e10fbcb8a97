import { requireSdk } from "../sdk";

requireSdk("aks");
