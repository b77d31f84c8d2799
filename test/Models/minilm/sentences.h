/* Token ids of the sentences in sentences.txt; written by make_golden.py. */
enum { SENTENCES = 5, TOKENS = 14, WIDTH = 384 };

static const char *const sentences[SENTENCES] = {
  "A cat sleeps on the warm windowsill.",
  "The kitten is napping in the sun.",
  "The compiler turns a model into machine code.",
  "Neural networks can be translated to native programs ahead of time.",
  "He bakes bread every Sunday morning."
};

/* [CLS] tokens [SEP], padded with zeros. */
static const int32_t ids[SENTENCES][TOKENS] = {
  {101, 1037, 4937, 25126, 2006, 1996, 4010, 3645, 8591, 1012, 102, 0, 0, 0},
  {101, 1996, 18401, 2003, 18996, 4691, 1999, 1996, 3103, 1012, 102, 0, 0, 0},
  {101, 1996, 21624, 4332, 1037, 2944, 2046, 3698, 3642, 1012, 102, 0, 0, 0},
  {101, 15756, 6125, 2064, 2022, 5421, 2000, 3128, 3454, 3805, 1997, 2051, 1012, 102},
  {101, 2002, 8670, 9681, 7852, 2296, 4465, 2851, 1012, 102, 0, 0, 0, 0},
};

/* 1 where there is a token. */
static const uint8_t keep[SENTENCES][TOKENS] = {
  {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0},
  {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0},
  {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0},
  {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1},
  {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0},
};
