//===- GraphOps.td - All ops of the graph dialect -------------*- tablegen -*-===//

include "dialects/Graph/BodyOps.td"
include "dialects/Graph/ComprehensionOps.td"
include "dialects/Graph/ControlOps.td"
include "dialects/Graph/StateOps.td"
include "dialects/Graph/WeightOps.td"
