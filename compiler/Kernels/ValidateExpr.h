//===- ValidateExpr.h - Are a stage's expressions well-typed? -------------===//

#ifndef HEDDLE_COMPILER_KERNELS_VALIDATEEXPR_H
#define HEDDLE_COMPILER_KERNELS_VALIDATEEXPR_H

#include "compiler/Kernels/KernelDesc.h"

#include <stdexcept>
#include <unordered_map>

namespace heddle::kernels {

/// What is wrong with a kernel. Does not leave validate().
struct Invalid : std::runtime_error {
  using std::runtime_error::runtime_error;
};

inline void require(bool holds, const std::string &what) {
  if (!holds)
    throw Invalid(what);
}

/// Checks the expressions of one stage; a shared node once.
class ExprChecker {
public:
  /// `written`: the tensors that earlier stages gave.
  ExprChecker(const Kernel &kernel, const Stage &stage, const std::vector<bool> &written)
      : kernel(kernel), stage(stage), written(written) {}

  /// The type of `root`, one that scalars have; throws Invalid, the text
  /// beginning with `where`.
  Type check(const ExprRef &root, const std::string &where);

private:
  void checkNode(const Expr &expr, const std::string &where);
  void checkConst(const Expr &expr, const std::string &where);
  void checkRead(const Expr &expr, const std::string &where);
  void checkOperation(const Expr &expr, const std::string &where);

  const Kernel &kernel;
  const Stage &stage;
  const std::vector<bool> &written;
  std::unordered_map<const Expr *, int> depth; ///< of nodes that were checked
};

} // namespace heddle::kernels

#endif // HEDDLE_COMPILER_KERNELS_VALIDATEEXPR_H
