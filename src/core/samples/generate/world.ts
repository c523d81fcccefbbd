/** The world of a generated log: users, ads, and their effects on clicks and purchases. */
import type { Random } from "../../util/random.js";
import type { TaobaoSettings } from "./settings.js";

type WorldOptions = Pick<TaobaoSettings, "users" | "ads" | "domains" | "domainEffect">;

/** What is drawn once per log. Arrays are by user, ad, category or brand; those by domain are [domain][…]. */
export interface World {
  readonly users: Users;
  readonly ads: Ads;
  readonly click: Effects;
  readonly purchase: Effects;
}

type Columns<Names extends string, Values> = { readonly [Name in Names]: Values };

type UserColumn = "gender" | "age" | "purchasingPower" | "shopping" | "city" | "segment" | "group" | "domain";
type Users = Columns<UserColumn, Int32Array> &
  Columns<"likedCategories" | "likedBrands", readonly (readonly number[])[]>;

export type Ads = Columns<"category" | "campaign" | "customer" | "brand", Int32Array> &
  Columns<"price" | "priceLevel", Float64Array> & { readonly ofCategory: readonly (readonly number[])[] };

export type Effects = Columns<"user" | "ad" | "price" | "domain", Float64Array> &
  Columns<"category" | "brand", readonly Float64Array[]>;

export const categories = 48;
export const brands = 96;
const brandsPerCategory = 6;
export const adsPerCampaign = 3;
export const campaignsPerCustomer = 2;

/**
 * Standard deviations of effects. `item`: of categories; brands have two thirds of it. `shift`: of a category's
 * additional effect in one domain only. `slope`: of the price's effect, positive in some domains and negative in
 * others.
 */
const strengths = {
  click: { user: 0.35, ad: 0.25, item: 0.5, shift: 0.85, slope: 0.55 },
  purchase: { user: 0.3, ad: 0.2, item: 0.5, shift: 0.75, slope: 0.5 },
};

export function drawWorld(options: WorldOptions, source: Random): World {
  const ads = drawAds(options, source.fork("ads"));
  const users = drawUsers(options, source.fork("users"));
  const click = drawEffects(options, ads, "click", source.fork("click"));
  return { users, ads, click, purchase: drawEffects(options, ads, "purchase", source.fork("purchase")) };
}

function drawUsers(options: WorldOptions, source: Random) {
  const column = (draw: (user: number) => number): Int32Array =>
    Int32Array.from({ length: options.users }, (_, user) => draw(user));
  const gender = column(() => source.integer(2));
  const age = column(() => Math.min(source.integer(4) + source.integer(4), 6));
  const purchasingPower = column(() => Math.min(2, source.integer(4)));
  const shopping = column(() => Math.max(0, 2 - source.integer(4)));
  const city = column(() => source.integer(4));
  const group = column((user) => gender[user]! * 6 + Math.min(5, age[user]!));
  const segment = column((user) => group[user]! * 8 + source.integer(8));
  // The first domain is the largest: shares are proportional to 1, 1/2, 1/3 …
  const shares = Array.from({ length: options.domains }, (_, domain) => 1 / (domain + 1));
  const total = shares.reduce((sum, share) => sum + share, 0);
  const domain = column(() => pick(shares, source.uniform() * total));
  const likedCategories = Array.from({ length: options.users }, () =>
    distinct(1 + source.integer(4), categories, source),
  );
  const likedBrands = likedCategories.map((liked) => [
    ...new Set(liked.map((category) => itemBrand(category, source.integer(brandsPerCategory)))),
  ]);
  return { gender, age, purchasingPower, shopping, city, segment, group, domain, likedCategories, likedBrands };
}

function drawAds(options: WorldOptions, source: Random) {
  const { ads } = options;
  const campaigns = Math.max(1, Math.floor(ads / adsPerCampaign));
  const customers = Math.max(1, Math.floor(campaigns / campaignsPerCustomer));
  const customerOf = Int32Array.from({ length: campaigns }, () => source.integer(customers));
  const categoryOf = Int32Array.from({ length: campaigns }, () => Math.floor(categories * source.uniform() ** 1.4));
  const brandOfCampaign = categoryOf.map((category) => itemBrand(category, source.integer(brandsPerCategory)));
  const levelOf = Float64Array.from({ length: categories }, () => source.normal());
  const campaign = Int32Array.from({ length: ads }, (_, ad) => (ad < campaigns ? ad : source.integer(campaigns)));
  const category = campaign.map((index) => categoryOf[index]!);
  const priceLevel = Float64Array.from({ length: ads }, (_, ad) => {
    return 0.8 * levelOf[category[ad]!]! + 0.6 * source.normal();
  });
  const ofCategory: number[][] = Array.from({ length: categories }, () => []);
  for (let ad = 0; ad < ads; ad++) ofCategory[category[ad]!]!.push(ad);
  return {
    campaign,
    category,
    customer: campaign.map((index) => customerOf[index]!),
    brand: campaign.map((index) => brandOfCampaign[index]!),
    price: priceLevel.map((level) => Math.round(10 ** (1.9 + 0.5 * level) * 100) / 100),
    priceLevel,
    ofCategory,
  };
}

export function drawEffects(options: WorldOptions, ads: Ads, event: "click" | "purchase", source: Random): Effects {
  const draw = (length: number, deviation: number): Float64Array =>
    Float64Array.from({ length }, () => deviation * source.normal());
  const { domains, domainEffect } = options;
  const { user, ad, item, shift, slope } = strengths[event];
  const category = draw(categories, item);
  const brand = draw(brands, item * 0.66);
  const byDomain = (common: Float64Array, deviation: number): Float64Array[] =>
    Array.from({ length: domains }, () => common.map((effect) => effect + deviation * source.normal()));
  const middle = (domains - 1) / 2;
  return {
    user: draw(options.users, user),
    ad: draw(ads.price.length, ad),
    category: byDomain(category, shift * domainEffect.category),
    brand: byDomain(brand, (shift / 3) * domainEffect.brand),
    price: Float64Array.from({ length: domains }, (_, domain) => {
      const position = middle === 0 ? 0 : (domain - middle) / middle;
      return -0.15 + slope * domainEffect.price * position;
    }),
    domain: draw(domains, 0.3 * domainEffect.rate),
  };
}

function itemBrand(category: number, choice: number): number {
  return (category * 2 + choice * choice) % brands;
}

function distinct(count: number, below: number, source: Random): number[] {
  const numbers = new Set<number>();
  while (numbers.size < count) numbers.add(Math.floor(below * source.uniform() ** 1.4));
  return [...numbers];
}

function pick(shares: readonly number[], at: number): number {
  let rest = at;
  for (const [index, share] of shares.entries()) {
    if (rest < share) return index;
    rest -= share;
  }
  return shares.length - 1;
}
