import type { z } from "zod";

/**
 * Takes a schema only when it is of what `T` is as JSON, neither more nor less: `written<Plan>()(z.object(…))`. A type and its
 * schema that drift apart do not compile.
 */
export function written<T>() {
  return <S extends z.ZodType>(schema: S & (Same<z.output<S>, Json<T>> extends true ? unknown : never)): S => schema;
}

type Primitive = string | number | boolean | null;

/** What is left of a type once it was written as JSON: nothing is read-only, and what is undefined is left out. */
type Json<T> = T extends Primitive
  ? T
  : T extends readonly []
    ? []
    : T extends readonly [infer First, ...infer Rest]
      ? [Json<First>, ...Json<Rest>]
      : T extends readonly (infer Item)[]
        ? Json<Item>[]
        : Flat<
            { -readonly [K in keyof T as undefined extends T[K] ? never : K]: Json<T[K]> } & {
              -readonly [K in keyof T as undefined extends T[K] ? K : never]?: Json<Exclude<T[K], undefined>>;
            }
          >;

type Flat<T> = { [K in keyof T]: T[K] };

/**
 * Whether two types are the same, and not only assignable to each other: the compiler takes two such functions for one only when
 * their conditions are the same.
 */
// oxlint-disable typescript/no-unnecessary-type-parameters -- comparing is what they are for
type Same<Left, Right> = (<T>() => T extends Left ? 1 : 2) extends <T>() => T extends Right ? 1 : 2 ? true : false;
