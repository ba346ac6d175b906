import "./page.css";
import { startHeader } from "./header";

startHeader();
