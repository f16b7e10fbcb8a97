import { requireSdk } from "../sdk";

requireSdk("eks");
