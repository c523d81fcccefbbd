/** The generated log. Loads nothing that opens or encodes data. */
export { taobaoLike } from "./taobao.js";
