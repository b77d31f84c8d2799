"""The models under test/Models, each with sizes that a test can afford.

A file that is in neither list fails the tests, and so does one of REFUSED that compiles by now.
"""
import dataclasses


@dataclasses.dataclass(frozen=True)
class Model:
    """One configuration of one file."""

    file: str  # below test/Models
    sets: str = ""  # heddle's --set, one word each
    config: str = ""  # a config.json beside the file
    sizes: dict = dataclasses.field(default_factory=dict)  # dimensions, over the header's example
    # What reads across the batch, with the reason: "entry", or "entry.result". Rows of all else
    # alone must have the bits that they have in a batch.
    across: dict = dataclasses.field(default_factory=dict)
    variant: str = ""  # where a file has several configurations

    @property
    def name(self):
        stem = self.file.split("/")[-1].removesuffix(".heddle")
        return f"{stem}-{self.variant}" if self.variant else stem


BATCHFORMER = "layers=3 first=1 H=3 E=24 F=40 labels=10"
EXTRACTOR = "layers=2 E=24 F=40 V=30 T=48"
FLOWS = "H=2 F=16 W=8 N=5 C=3 L=7 R=12 D=6 mlp=10 levels=4,7,3 fields=TCP_FLAGS,PROTOCOL,L7_PROTO"

MODELS = [
    Model("batchformer/batchformer.heddle", BATCHFORMER + " training=true", variant="training",
          sizes={"S": 19},
          across={"encode": "each sample looks at the others of its batch",
                  "classify": "each sample looks at the others of its batch"}),
    Model("batchformer/batchformer.heddle", BATCHFORMER, sizes={"S": 19}),
    Model("bigbird/bigbird.heddle", "layers=2 H=2 E=16 F=24 V=30 P=64 W=4 labels=5",
          sizes={"S": 40, "N": 10, "R": 3}),
    Model("cct/cct.heddle", config="small.json"),
    Model("cct/cct.heddle", "patches=true layers=1", config="cvt_7_4_32.json", variant="cvt"),
    Model("extractor/extractor.heddle", EXTRACTOR, sizes={"S": 37}, variant="she"),
    Model("extractor/extractor.heddle", EXTRACTOR + " kind=HE distance=true", sizes={"S": 37},
          variant="he"),
    Model("extractor/extractor.heddle", EXTRACTOR + " kind=WE", sizes={"S": 17}, variant="we"),
    Model("extractor/extractor.heddle", EXTRACTOR + " kind=ME", sizes={"S": 17}, variant="me"),
    Model("flowtransformer/flowtransformer.heddle", FLOWS + " encoding=record head=cls",
          variant="cls"),
    Model("flowtransformer/flowtransformer.heddle",
          FLOWS + " encoding=lookup head=featurewise transformer=gpt layers=2 ", variant="gpt"),
    Model("itransformer/itransformer.heddle", config="small.json", sizes={"N": 37}),
    Model("lsa/lsa.heddle", sizes={"N": 37}),
    Model("minilm/minilm.heddle", "layers=2 V=1000", sizes={"S": 61}),
    Model("mixtral/mixtral.heddle", "layers=2 H=4 G=2 E=32 F=24 V=30 X=4", sizes={"S": 21}),
    Model("poolformer/poolformer.heddle", "depths=1,1,2,1 dims=5,6,7,9 M=64 labels=11"),
    Model("primer/primer.heddle", "layers=2 H=3 E=24 D=8 F=40 V=30", sizes={"S": 37}, variant="ez"),
    Model("primer/primer.heddle", "layers=2 H=3 E=24 D=8 F=40 V=30 full=true biases=true",
          sizes={"S": 37}, variant="full"),
    Model("tleg/tleg.heddle", "H=3 E=24 M=16 P=4 labels=10 depth=4"),
    Model("tprograms/tprograms.heddle", sizes={"S": 19}),
    Model("unseen/axial.heddle"),
    Model("unseen/routed.heddle", sizes={"S": 37},
          across={"encode.used": "it counts the tokens of the whole batch"}),
    Model("unseen/windows.heddle"),
    Model("vit/vit.heddle", "layers=2 labels=10", config="small.json"),
]

# What the compiler does not take yet, with a piece of what it says instead.
REFUSED = {
    "dit/dit.heddle": "require of what is known at run time only is not supported yet",
    "gpt2/gpt2.heddle": "state is not supported yet",
    "informer/informer.heddle": "a dimension born at run time (dim) is not supported yet",
    "llama/llama.heddle": "state is not supported yet",
    "lmu/lmu.heddle": "scan is not supported yet",
    "paraformer/paraformer.heddle": "a dimension born at run time (dim) is not supported yet",
    "retnet/retnet.heddle": "state is not supported yet",
    "t5/t5.heddle": "state is not supported yet",
    "tarflow/tarflow.heddle": "loop is not supported yet",
}

# Values that files of REFUSED have no default for.
REFUSED_SETS = {"llama/llama.heddle": "layers=1 H=2 E=8 F=8 V=10"}
