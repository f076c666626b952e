import type { Llama, LlamaGrammar, LlamaModel } from "node-llama-cpp";
import { LlamaGrammarEvaluationState } from "node-llama-cpp";
import { FamiliarError } from "../../chat/errors.ts";
import type { JsonSchema } from "../../chat/ports.ts";

/** Callers use few schemas, again and again. */
const MOST_GRAMMARS = 32;

/** Makes the model write JSON of a given shape. */
export class Grammars {
  readonly #llama: Llama;
  readonly #model: LlamaModel;
  readonly #bySchema = new Map<string, LlamaGrammar>();

  constructor(llama: Llama, model: LlamaModel) {
    this.#llama = llama;
    this.#model = model;
  }

  /**
   * For one reply: it remembers how far the reply has come.
   *
   * @throws {FamiliarError} `input-invalid` for a schema that llama.cpp's grammar cannot express
   */
  async start(schema: JsonSchema | undefined): Promise<LlamaGrammarEvaluationState | undefined> {
    if (schema === undefined) return undefined;
    const grammar = await this.#provide(schema);
    return new LlamaGrammarEvaluationState({ model: this.#model, grammar });
  }

  async #provide(schema: JsonSchema): Promise<LlamaGrammar> {
    const key = JSON.stringify(schema);
    const known = this.#bySchema.get(key);
    if (known !== undefined) return known;
    const grammar = await this.#create(schema);
    const [oldest] = this.#bySchema.keys();
    if (this.#bySchema.size >= MOST_GRAMMARS && oldest !== undefined) this.#bySchema.delete(oldest);
    this.#bySchema.set(key, grammar);
    return grammar;
  }

  async #create(schema: JsonSchema): Promise<LlamaGrammar> {
    try {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it checks the schema itself
      return await this.#llama.createGrammarForJsonSchema(schema as { type: "object" });
    } catch (error) {
      throw new FamiliarError("input-invalid", "This JSON schema cannot be made a grammar.", {
        cause: error,
      });
    }
  }
}
