import { deskOfWindow } from "./platform/desk";
import { start } from "./start";

start(deskOfWindow());
