declare const brand: unique symbol;

/** A `T` that went through the parser called `Name`; the proof travels in the type, nobody checks again. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };
