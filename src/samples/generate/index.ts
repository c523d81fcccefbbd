/** The generated log. Does not load the code that opens or encodes data. */
export { taobaoLike } from "./taobao.js";
