//===- KernelText.h - Descriptions of kernels as text ---------------------===//
//
// The text form of KernelDesc.h: the cache key of a kernel, and what people read
// and write in tests. Near the language's notation:
//
//   kernel linear {
//     size M in 1 .. 4096
//     input x: f32[M, 96]
//     constant w: f32[384, 96] panels axis 0 width 48
//     output y: f32[M, 384]
//     reduce sum s0 [m: M, o: 384 | k: 96] -> y {
//       value x[m, k] * w[o, k]
//     }
//   }
//
// The grammar; `#` starts a comment, blanks and line ends separate only:
//
//   text    = kernel*
//   kernel  = "kernel" NAME "{" (size | tensor | stage)* "}"
//   size    = "size" NAME "in" INT ".." INT
//   tensor  = ("input" | "constant" | "output" | "local") NAME ":" TYPE
//             "[" extents "]" ["panels" "axis" INT "width" INT]
//   stage   = kind [combiner] NAME space ["along" "[" NAME,* "]"] ["over" NAME]
//             "->" NAME,* "{" body "}"
//   kind    = "map" | "reduce" | "argreduce" | "softmax" | "cumulate" | "scatter"
//   combiner = "sum" | "prod" | "min" | "max" | "and" | "or"
//   space   = "[" axis,* ["|" index,*] "]"        result's indices | bound ones
//   axis    = index | "(" index,* ")"             several indices make one axis
//   index   = NAME ":" extent                     extent = INT | NAME of a size
//   body    = ("$" INT "=" expr)* ["where" expr] ["at" "[" expr,* "]"]
//             ("value" expr)*
//   expr    = binary operators, by growing strength, left to right: "or"; "and";
//             < <= > >= == !=; + -; * / // %; then the prefixes "-" and "not"
//   primary = NUMBER | "true" | "false" | "inf" | "nan" "(" ")" | "$" INT
//           | NAME                                an index of the stage
//           | "size" "(" NAME ")"
//           | NAME ["?"] "[" expr,* "]"           a read; "?": guarded
//           | FUNCTION "(" expr,* ")" | TYPE "(" expr ")"
//           | "(" expr ")"
//             each with an optional ":" TYPE
//
// Of a scatter, "over" names the tensor that is written over, "at" says where.
//
// A type behind an expression is that of its value where it is not the usual one:
// I32 of integers, indices and sizes, F32 of reals, what the element widens to of
// a read, Bool of comparisons and of and, or, not, isnan; else the operands'. A
// decimal real is the nearest number of its type; one in hexadecimal (0x1.8p-3)
// is itself, even where the type does not have it.
//
// `$0` is a node that several places share; it stands before them, in its stage.
// Sharing between stages, and of nodes without operands, has no meaning and is
// not kept. Nodes nest at most kMostDepth deep, so whoever walks over an
// expression may recur.
//
//===----------------------------------------------------------------------===//

#ifndef HEDDLE_COMPILER_KERNELS_KERNELTEXT_H
#define HEDDLE_COMPILER_KERNELS_KERNELTEXT_H

#include "compiler/Kernels/KernelDesc.h"

#include <string_view>

namespace heddle::kernels {

/// How deep the nodes of an expression may nest.
constexpr int kMostDepth = 1000;

/// The text of a kernel that validate() accepts, ending in a line end. Canonical:
/// equal kernels give equal texts, and parsing gives an equal kernel. Of another
/// kernel it is a text for people: what it refers to in vain is written `?`.
std::string print(const Kernel &kernel);

/// Reads the text of one kernel, which need not be valid. False, and the place and
/// what was found and expected in `error`, if it is none.
bool parse(std::string_view text, Kernel &kernel, std::string &error);

/// Reads a text of any number of kernels.
bool parseAll(std::string_view text, std::vector<Kernel> &kernels, std::string &error);

} // namespace heddle::kernels

#endif // HEDDLE_COMPILER_KERNELS_KERNELTEXT_H
