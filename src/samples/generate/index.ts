export { taobaoLike } from "./taobao.js";
