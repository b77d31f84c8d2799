//===- Registry.h - The dialects that Heddle's IR is made of --------------===//

#ifndef HEDDLE_DIALECTS_REGISTRY_H
#define HEDDLE_DIALECTS_REGISTRY_H

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace heddle {

/// Registers Heddle's dialects and the upstream ones that stand beside them,
/// with the models of interfaces that upstream passes ask for.
void registerDialects(mlir::DialectRegistry &registry);

} // namespace heddle

#endif // HEDDLE_DIALECTS_REGISTRY_H
