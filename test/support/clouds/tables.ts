import { aws } from "./aws";
import { azureNative } from "./azure-native";
import { gcp } from "./gcp";

/** The stand-in clouds by the name of their package. */
export const tables = { gcp, aws, "azure-native": azureNative };
